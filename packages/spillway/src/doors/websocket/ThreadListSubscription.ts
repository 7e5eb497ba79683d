/**
 * Follows the list of threads for one client: a snapshot of summaries, then every summary that changes. Of a thread that changes
 * faster than the client takes it, only the last summary waits.
 */
import type { ThreadId, ThreadSummary } from "@spillway/contracts"
import { followAgain } from "@spillway/orchestration"
import { Effect } from "effect"
import { batchText } from "./frameText.ts"
import type { Outbox, Outgoing, Subscription } from "./Outbox.ts"

/** Past so many changed threads that wait, a new snapshot is the shorter way. */
const WAITING_LIMIT = 256

export class ThreadListSubscription<E> implements Subscription {
  readonly id: string
  readonly #readThreads: Effect.Effect<ReadonlyArray<ThreadSummary>, E>
  readonly #outbox: Outbox
  #changed = new Map<ThreadId, ThreadSummary>()
  #first: Array<Outgoing> = []
  #needsSnapshot = true
  #isReading = false
  /** How often a snapshot was asked for. */
  #asked = 0
  #caughtUp = false

  constructor(id: string, readThreads: Effect.Effect<ReadonlyArray<ThreadSummary>, E>, outbox: Outbox) {
    this.id = id
    this.#readThreads = readThreads
    this.#outbox = outbox
  }

  /** Summaries of threads that changed. Those that come while a snapshot is read are kept and sent behind it. */
  readonly onSummaries = (summaries: ReadonlyArray<ThreadSummary>): void => {
    // The snapshot that will be read once there is room holds them.
    if (this.#needsSnapshot && !this.#isReading) return
    for (const summary of summaries) this.#changed.set(summary.threadId, summary)
    if (this.#changed.size > WAITING_LIMIT) this.fallBehind()
    this.#outbox.offered(this)
  }

  readonly take = (maxEvents: number): Outgoing | undefined => {
    const first = this.#first.shift()
    if (first !== undefined || this.#needsSnapshot || this.#changed.size === 0) return first
    const summaries = [...this.#changed.values()].slice(0, maxEvents)
    for (const summary of summaries) this.#changed.delete(summary.threadId)
    return {
      type: "frame",
      holds: "threads",
      text: (seq) =>
        batchText(
          "threads",
          seq,
          this.id,
          summaries.map((summary) => JSON.stringify(summary))
        ),
      events: summaries.length,
      through: null
    }
  }

  /** A summary is at most about a kilobyte: its title and its preview are cut. */
  readonly waiting = () => ({ events: this.#changed.size, length: this.#changed.size * 1024 })

  readonly wantsRead = () => this.#needsSnapshot && this.#first.length === 0

  readonly fallBehind = (): void => {
    this.#changed.clear()
    this.#needsSnapshot = true
    this.#asked += 1
  }

  /** The read models have caught up: a snapshot that was read before, or is being read now, may lack what they lacked. */
  readonly readAgain = (): void => {
    this.fallBehind()
    this.#outbox.offered(this)
  }

  readonly read = Effect.suspend(() => {
    const asked = this.#asked
    this.#isReading = true
    return Effect.map(this.#readThreads, (threads) => ({ threads, asked }))
  }).pipe(
    Effect.map(({ asked, threads }) => {
      this.#needsSnapshot = asked !== this.#asked
      const known = new Map(threads.map((thread) => [thread.threadId, thread.version]))
      for (const [threadId, summary] of this.#changed) {
        if (summary.version <= (known.get(threadId) ?? 0)) this.#changed.delete(threadId)
      }
      this.#first.push({
        type: "frame",
        holds: "snapshot",
        text: (seq) => JSON.stringify({ type: "snapshot", seq, id: this.id, threads }),
        events: 0,
        through: null
      })
      if (!this.#caughtUp) {
        this.#first.push({ type: "control", frame: { type: "caught-up", id: this.id, version: 0 } })
      }
      this.#caughtUp = true
    }),
    Effect.retry(followAgain),
    Effect.ignore,
    Effect.ensuring(Effect.sync(() => (this.#isReading = false)))
  )
}
