/**
 * Follows a thread or the whole log for one client. It is attached to the hub before it reads, notes what is published meanwhile,
 * reads the log up to there, and follows from then on: nothing falls between, and what comes twice is sent once.
 *
 * While the client has no room it holds little, then nothing: it falls behind, and reads the log again from where the client is.
 */
import type { LiveFrame, LoggedEvent, ServerFrame } from "@spillway/contracts"
import { followAgain } from "@spillway/orchestration"
import { Effect } from "effect"
import { errorFrame, type ErrorFrame } from "./decodeFrame.ts"
import { EventQueue, type Order } from "../following/EventQueue.ts"
import { batchText } from "./frameText.ts"
import type { Outbox, Outgoing, Subscription } from "./Outbox.ts"

/** Events read from the log at once; each is at most 256 KiB, and a socket holds one page. */
const PAGE = 64

/** Where a subscription begins. */
export type Beginning =
  | {
      readonly type: "begin"
      readonly after: number
      /** Comes first: why the cursor was not taken. */
      readonly error: ErrorFrame | null
      /** What the client starts from, given the frame's number. */
      readonly snapshot: ((seq: number) => string) | null
    }
  | { readonly type: "refused"; readonly error: ErrorFrame }

export interface EventSource<E> {
  readonly order: Order
  readonly begin: Effect.Effect<Beginning, E>
  readonly readAfter: (place: number, limit: number) => Effect.Effect<ReadonlyArray<LoggedEvent>, E>
  /** All text that is not in the log yet; `null` when live frames are not wanted. */
  readonly liveTail: (() => ReadonlyArray<LiveFrame>) | null
}

type Phase = "opening" | "behind" | "following"

export class EventSubscription<E> implements Subscription {
  readonly id: string
  readonly #source: EventSource<E>
  readonly #outbox: Outbox
  /** Called when there is nothing to subscribe to. */
  readonly #refused: () => void
  #phase: Phase = "opening"
  #queue: EventQueue
  #first: Array<Outgoing> = []
  /** The place of the last event that was published since this was attached. */
  #published = 0
  #caughtUp = false
  /** The client lacks live text that only the whole tail makes good. */
  #liveStale = true
  #saidUnavailable = false

  constructor(id: string, source: EventSource<E>, outbox: Outbox, refused: () => void) {
    this.id = id
    this.#source = source
    this.#outbox = outbox
    this.#refused = refused
    this.#queue = new EventQueue(source.order, 0)
  }

  /** An event of the thread (the log), as it is published. */
  readonly onEvent = (event: LoggedEvent): void => {
    this.#published = Math.max(this.#published, this.#source.order.placeOf(event))
    if (this.#phase !== "following") return
    if (!this.#queue.pushEvent(event)) this.fallBehind()
    this.#outbox.offered(this)
  }

  readonly onLiveFrame = (frame: LiveFrame): void => {
    if (this.#phase !== "following" || this.#liveStale) return
    if (!this.#outbox.hasRoom() || !this.#queue.pushLive(frame)) return this.#dropLive()
    this.#outbox.schedule()
  }

  readonly take = (maxEvents: number): Outgoing | undefined => {
    const first = this.#first.shift()
    if (first !== undefined) return first
    this.#renewLive()
    const batch = this.#queue.take(maxEvents)
    if (batch === undefined) return undefined
    if (batch.type === "caught-up") return control({ type: "caught-up", id: this.id, version: batch.place })
    return {
      type: "frame",
      text: (seq) => batchText(batch.type, seq, this.id, batch.texts),
      events: batch.type === "events" ? batch.texts.length : 0,
      through: batch.type === "events" ? batch.through : null
    }
  }

  readonly waiting = () => this.#queue.waiting

  readonly wantsRead = () => this.#phase !== "following" && this.#first.length === 0 && this.#queue.isEmpty

  readonly fallBehind = (): void => {
    if (this.#phase !== "following") return
    this.#queue.clear()
    this.#phase = "behind"
    this.#liveStale = true
  }

  get read(): Effect.Effect<void> {
    return (this.#phase === "opening" ? this.#open : this.#readPage).pipe(
      Effect.tapError(() => Effect.sync(this.#sayUnavailable)),
      Effect.retry(followAgain),
      Effect.ignore
    )
  }

  readonly #open = Effect.suspend(() =>
    Effect.map(this.#source.begin, (beginning) => {
      if (beginning.type === "refused") {
        this.#outbox.control({ ...beginning.error, id: this.id })
        return this.#refused()
      }
      const { after, error, snapshot } = beginning
      if (error !== null) this.#first.push(control({ ...error, id: this.id }))
      if (snapshot !== null) this.#first.push({ type: "frame", text: snapshot, events: 0, through: after })
      this.#queue = new EventQueue(this.#source.order, after)
      this.#phase = "behind"
    })
  )

  readonly #readPage = Effect.suspend(() =>
    Effect.map(this.#source.readAfter(this.#queue.queuedThrough, PAGE), (events) => {
      for (const event of events) {
        if (!this.#queue.pushEvent(event)) {
          throw new Error(`the log has a hole after ${this.#queue.queuedThrough} (${event.threadId})`)
        }
      }
      this.#saidUnavailable = false
      if (events.length === PAGE || this.#queue.queuedThrough < this.#published) return
      this.#phase = "following"
      if (!this.#caughtUp) this.#queue.pushCaughtUp()
      this.#caughtUp = true
    })
  )

  #renewLive(): void {
    if (!this.#liveStale || this.#phase !== "following" || this.#source.liveTail === null) return
    this.#liveStale = false
    for (const frame of this.#source.liveTail()) {
      if (frame.text !== "" && !this.#queue.pushLive(frame)) return this.#dropLive()
    }
  }

  #dropLive(): void {
    this.#queue.dropLive()
    this.#liveStale = true
  }

  readonly #sayUnavailable = (): void => {
    if (this.#saidUnavailable) return
    this.#saidUnavailable = true
    this.#outbox.control(
      errorFrame("unavailable", "The log can't be read right now; this subscription goes on by itself.", {
        retryable: true,
        id: this.id
      })
    )
  }
}

const control = (frame: ServerFrame): Outgoing => ({ type: "control", frame })
