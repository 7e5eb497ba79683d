/** The list of threads, followed while somebody listens. */
import type { Subscription, ThreadSummary } from "@spillway/contracts"
import type { Core } from "./Core.ts"
import { type Followed, Source } from "./Followed.ts"
import type { FollowedFrame, Follower } from "./Subscriptions.ts"

export interface ThreadListState {
  /** `behind`: as it was when the connection was lost. */
  readonly status: "loading" | "live" | "behind"
  /** Those that were not deleted, last updated first. The server shows the first 200 and whatever changes. */
  readonly threads: ReadonlyArray<ThreadSummary>
}

export interface ThreadList extends Followed<ThreadListState> {}

export class FollowedThreadList extends Source<ThreadListState> implements Follower {
  readonly #core: Core
  readonly #onSummaries: (summaries: ReadonlyArray<ThreadSummary>) => void
  #logId = ""

  constructor(core: Core, onSummaries: (summaries: ReadonlyArray<ThreadSummary>) => void) {
    super({ status: "loading", threads: [] }, core.ending)
    this.#core = core
    this.#onSummaries = onSummaries
  }

  protected override onFollowed(): void {
    this.#core.subscriptions.follow(this)
    this.#core.connection.open()
  }

  protected override onLeft(): void {
    this.#core.subscriptions.unfollow(this)
    this.onCut()
  }

  readonly wants = (): Subscription => ({ to: "threads" })

  readonly onFrame = (frame: FollowedFrame): void => {
    if (frame.type === "caught-up") return this.setState({ ...this.state, status: "live" })
    if ((frame.type !== "snapshot" && frame.type !== "threads") || frame.threads === undefined) return
    const { threads } = frame
    const isSameLog = this.#logId === this.#core.logId
    this.#logId = this.#core.logId
    const known = new Map(isSameLog ? this.state.threads.map((summary) => [summary.threadId, summary]) : [])
    // A summary is made of the events up to its version: where that is the same, so is the rest.
    const kept = threads.map((summary) => {
      const before = known.get(summary.threadId)
      return before?.version === summary.version ? before : summary
    })
    const changed = new Set(threads.map(({ threadId }) => threadId))
    const others =
      frame.type === "snapshot" ? [] : this.state.threads.filter(({ threadId }) => !changed.has(threadId))
    this.setState({ ...this.state, threads: inOrder([...kept, ...others]) })
    this.#onSummaries(threads)
  }

  readonly onCut = (): void => {
    if (this.state.status === "live") this.setState({ ...this.state, status: "behind" })
  }
}

const inOrder = (threads: ReadonlyArray<ThreadSummary>): ReadonlyArray<ThreadSummary> =>
  threads
    .filter(({ status }) => status !== "deleted")
    .sort((a, b) =>
      a.updatedAt === b.updatedAt ? compare(a.threadId, b.threadId) : compare(b.updatedAt, a.updatedAt)
    )

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
