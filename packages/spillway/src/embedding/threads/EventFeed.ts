/**
 * One consumer's place in a thread. It is attached before it reads, notes what is published meanwhile, reads the log up to there, and
 * follows from then on: nothing falls between, and what comes twice is given once. What its consumer leaves waiting is bounded: past
 * that it holds nothing, and reads the log again from where the consumer is.
 */
import type { LoggedEvent } from "@spillway/contracts"
import { followAgain, type Unavailable } from "@spillway/orchestration"
import { Effect, Latch } from "effect"

/** Events that wait for the consumer. */
const WAITING = 256

/** Events read from the log at once. */
const PAGE = 256

export class EventFeed {
  readonly #readAfter: (
    version: number,
    limit: number
  ) => Effect.Effect<ReadonlyArray<LoggedEvent>, Unavailable>
  readonly #news = Latch.makeUnsafe(true)
  #waiting: Array<LoggedEvent> = []
  #isBehind = true
  #isWaking = false
  /** The version of the last event that waits or was given. */
  #through: number
  #published = 0

  constructor(
    after: number,
    readAfter: (version: number, limit: number) => Effect.Effect<ReadonlyArray<LoggedEvent>, Unavailable>
  ) {
    this.#through = after
    this.#readAfter = readAfter
  }

  /** An event of the thread, as it is published. */
  readonly onEvent = (event: LoggedEvent): void => {
    this.#published = Math.max(this.#published, event.version)
    this.touch()
    if (this.#isBehind || event.version <= this.#through) return
    if (event.version === this.#through + 1 && this.#waiting.length < WAITING) {
      this.#waiting.push(event)
      this.#through = event.version
      return
    }
    this.#through -= this.#waiting.length
    this.#waiting = []
    this.#isBehind = true
  }

  /** Events that wait for the consumer. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Wakes the consumer, also for something else than an event: on a stack of its own, and not on the publisher's. */
  touch(): void {
    if (this.#isWaking) return
    this.#isWaking = true
    queueMicrotask(() => {
      this.#isWaking = false
      this.#news.openUnsafe()
    })
  }

  /** Returns once something happened since `now` was asked last. */
  readonly news = this.#news.await

  /** What there is now, up to a page; none when nothing waits. The log being away is waited for. */
  readonly now: Effect.Effect<ReadonlyArray<LoggedEvent>> = Effect.suspend(() => {
    this.#news.closeUnsafe()
    if (this.#isBehind) return this.#read
    const waiting = this.#waiting
    this.#waiting = []
    return Effect.succeed(waiting)
  })

  /** What comes next: at least one event. */
  readonly next: Effect.Effect<ReadonlyArray<LoggedEvent>> = Effect.suspend(() =>
    Effect.filterOrElse(
      this.now,
      (events) => events.length > 0,
      () => Effect.andThen(this.news, this.next)
    )
  )

  readonly #read = Effect.suspend(() => this.#readAfter(this.#through, PAGE)).pipe(
    Effect.retry(followAgain),
    Effect.orDie,
    Effect.map((events) => {
      this.#through += events.length
      if (events.length < PAGE && this.#through >= this.#published) this.#isBehind = false
      else this.touch()
      return events
    })
  )
}
