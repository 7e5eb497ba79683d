/** Follows a thread or the whole log for one client: where it begins, then what its Follower gives, as frames. */
import type { ServerFrame } from "@spillway/contracts"
import { followAgain, type Unavailable } from "@spillway/orchestration"
import { Effect } from "effect"
import { Follower, type Source } from "../following/Follower.ts"
import { errorFrame, type ErrorFrame } from "./decodeFrame.ts"
import { batchText } from "./frameText.ts"
import type { Outbox, Outgoing, Subscription } from "./Outbox.ts"

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

export interface EventSubscriptionOptions {
  readonly id: string
  readonly source: Source
  readonly begin: Effect.Effect<Beginning, Unavailable>
  readonly outbox: Outbox
  /** Called when there is nothing to subscribe to, or it can't be read. */
  readonly refused: () => void
}

export class EventSubscription implements Subscription {
  readonly id: string
  /** To be attached to the source. */
  readonly follower: Follower
  readonly #options: EventSubscriptionOptions
  #first: Array<Outgoing> = []
  #saidUnavailable = false

  constructor(options: EventSubscriptionOptions) {
    const { id, outbox, source } = options
    this.id = id
    this.#options = options
    this.follower = new Follower(source, {
      hasRoom: () => outbox.hasRoom(),
      offered: () => outbox.offered(this),
      liveDropped: () => outbox.liveDropped()
    })
  }

  readonly take = (maxEvents: number): Outgoing | undefined => {
    const first = this.#first.shift()
    if (first !== undefined) return first
    const batch = this.follower.take(maxEvents)
    if (batch === undefined) return undefined
    if (batch.type === "caught-up") return control({ type: "caught-up", id: this.id, version: batch.place })
    return {
      type: "frame",
      holds: batch.type,
      text: (seq) => batchText(batch.type, seq, this.id, batch.texts),
      events: batch.type === "events" ? batch.texts.length : 0,
      through: batch.type === "events" ? batch.through : null
    }
  }

  readonly waiting = () => this.follower.waiting

  readonly wantsRead = () => this.#first.length === 0 && (!this.follower.isPlaced || this.follower.wantsRead)

  readonly fallBehind = (): void => this.follower.fallBehind()

  get read(): Effect.Effect<void> {
    return (this.follower.isPlaced ? this.#readPage : this.#open).pipe(
      Effect.tapError(() => Effect.sync(this.#sayUnavailable)),
      Effect.retry(followAgain),
      Effect.ignore,
      // To read the same again would bring the same, at once and for ever.
      Effect.catchDefect((defect) =>
        Effect.andThen(
          Effect.logError("A subscription can't be read on, and was ended", defect),
          Effect.sync(() => {
            this.#options.outbox.control(errorFrame("internal", FAILED, { id: this.id }))
            this.#options.refused()
          })
        )
      )
    )
  }

  readonly #open = Effect.suspend(() =>
    Effect.map(this.#options.begin, (beginning) => {
      if (beginning.type === "refused") {
        this.#options.outbox.control({ ...beginning.error, id: this.id })
        return this.#options.refused()
      }
      const { after, error, snapshot } = beginning
      if (error !== null) this.#first.push(control({ ...error, id: this.id }))
      if (snapshot !== null) {
        this.#first.push({ type: "frame", holds: "snapshot", text: snapshot, events: 0, through: after })
      }
      this.follower.begin(after)
    })
  )

  readonly #readPage = Effect.suspend(() =>
    Effect.map(this.follower.readPage, () => {
      this.#saidUnavailable = false
    })
  )

  readonly #sayUnavailable = (): void => {
    if (this.#saidUnavailable) return
    this.#saidUnavailable = true
    this.#options.outbox.control(
      errorFrame("unavailable", "The log can't be read right now; this subscription goes on by itself.", {
        retryable: true,
        id: this.id
      })
    )
  }
}

const FAILED = "The server failed on this subscription, and ended it; its log tells why."

const control = (frame: ServerFrame): Outgoing => ({ type: "control", frame })
