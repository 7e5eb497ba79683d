/**
 * The bounded way of one session's inputs to its worker. Many offer, one takes.
 *
 * An offered item takes up room, in its lane and in the budget of all lanes, from its admission until the worker is done with it. Without
 * room the offer waits, and with it whoever produces; so it does while the worker can't keep up for another reason. Nothing is dropped,
 * and items leave in the order of their admission.
 */
import { Effect } from "effect"

export interface Lane<A> {
  /**
   * Admits an item, waiting for room in the lane and in the budget behind those who wait already. False once the lane is closed.
   * Interrupted while it waits, it leaves nothing behind.
   */
  readonly offer: (item: A) => Effect.Effect<boolean>
  /** Admits an item at once, into reserved room: for inputs of which there are few by construction. False once the lane is closed. */
  readonly offerControl: (item: A) => boolean
  /** At least one item and at most `max`, in the order of admission, controls included; none only once the lane is closed and empty. */
  readonly take: (max: number) => Effect.Effect<ReadonlyArray<A>>
  /** What is there, at most `max`. */
  readonly takeNow: (max: number) => ReadonlyArray<A>
  /** So many offered items are done with: their room is free again. Controls do not count. Asks `isStopped` again. */
  readonly done: (items: number) => void
  /** Offered items that are admitted and not done with. */
  readonly depth: () => number
  /** Offers that wait for room. */
  readonly waiting: () => number
  /** Admits nothing more and gives back all room: offers that wait return false, and `take` returns what is left. */
  readonly close: Effect.Effect<void>
}

/** Room that lanes share. */
export interface SharedRoom {
  /** Takes room for one item, if there is any. There is none while somebody waits for it. */
  readonly take: () => boolean
  /** Waits for room, behind those who wait already. Waiting twice is waiting once. */
  readonly waitFor: (claimant: Claimant) => void
  readonly stopWaiting: (claimant: Claimant) => void
  readonly give: (items: number) => void
  /** Runs a waiter's continuation on a stack of its own: woken in place, waiters that wake each other would nest without bound. */
  readonly wake: (resume: () => void) => void
}

/** A lane that waits for shared room. */
export interface Claimant {
  /** Uses room for one item, and says whether it wants more. */
  readonly use: () => boolean
}

interface WaitingOffer<A> {
  readonly item: A
  readonly resume: (isAdmitted: boolean) => void
}

const admitted = Effect.succeed(true)
const refused = Effect.succeed(false)

/** @param isStopped while it says so, nothing is admitted but controls. It may become true at any time, and false only before `done`. */
export const makeLane = <A>(
  room: SharedRoom,
  capacity: number,
  isStopped: () => boolean = () => false
): Lane<A> => {
  const items: Array<A> = []
  /** Sets, for their order and for leaving from the middle. */
  const offers = new Set<WaitingOffer<A>>()
  const takers = new Set<() => void>()
  let depth = 0
  let isClosed = false

  const put = (item: A): void => {
    items.push(item)
    wakeTakers()
  }
  const wakeTakers = (): void => {
    for (const taker of takers) room.wake(taker)
    takers.clear()
  }
  const admit = (item: A): void => {
    depth++
    put(item)
  }
  const mayAdmit = () => depth < capacity && !isStopped()
  const wantsRoom = () => offers.size > 0 && mayAdmit()

  const claimant: Claimant = {
    use: () => {
      const [offer] = offers
      offers.delete(offer!)
      admit(offer!.item)
      room.wake(() => offer!.resume(true))
      return wantsRoom()
    }
  }

  const waitForRoom = (item: A) =>
    Effect.callback<boolean>((resume) => {
      // The fiber may have yielded on the way here.
      if (isClosed) return resume(refused)
      const offer: WaitingOffer<A> = { item, resume: (isAdmitted) => resume(isAdmitted ? admitted : refused) }
      offers.add(offer)
      if (wantsRoom()) room.waitFor(claimant)
      return Effect.sync(() => {
        offers.delete(offer)
        if (!wantsRoom()) room.stopWaiting(claimant)
      })
    })

  const waitForItems = Effect.callback<void>((resume) => {
    if (items.length > 0 || isClosed) return resume(Effect.void)
    const taker = () => resume(Effect.void)
    takers.add(taker)
    return Effect.sync(() => void takers.delete(taker))
  })

  const takeNow = (max: number): ReadonlyArray<A> => items.splice(0, max)

  const take = (max: number): Effect.Effect<ReadonlyArray<A>> =>
    Effect.suspend(() =>
      items.length > 0 || isClosed ? Effect.succeed(takeNow(max)) : Effect.andThen(waitForItems, take(max))
    )

  return {
    offer: (item) =>
      Effect.suspend(() => {
        if (isClosed) return refused
        // While offers wait, one of the two is full, or the lane was stopped and `done` was not called since.
        if (offers.size > 0 || !mayAdmit() || !room.take()) return waitForRoom(item)
        admit(item)
        return admitted
      }),
    offerControl: (item) => {
      if (!isClosed) put(item)
      return !isClosed
    },
    take,
    takeNow,
    done: (count) => {
      const freed = Math.min(count, depth)
      depth -= freed
      if (wantsRoom()) room.waitFor(claimant)
      room.give(freed)
    },
    depth: () => depth,
    waiting: () => offers.size,
    close: Effect.sync(() => {
      if (isClosed) return
      isClosed = true
      room.stopWaiting(claimant)
      for (const offer of offers) room.wake(() => offer.resume(false))
      offers.clear()
      wakeTakers()
      const freed = depth
      depth = 0
      room.give(freed)
    })
  }
}
