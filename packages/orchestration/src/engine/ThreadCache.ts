/**
 * Committed thread states in memory, the least recently used leaving first. What is here was committed, and leaves once another
 * process is known to have gone on from it; what is not here is folded from the last snapshot and the events after it.
 */
import type { LoggedEvent, TenantId, ThreadId } from "@spillway/contracts"
import { Effect, Semaphore } from "effect"
import { EventLog } from "../EventLog.ts"
import { GENESIS_HASH } from "../hash.ts"
import { evolve } from "../thread/evolve.ts"
import { emptyThreadState, THREAD_STATE_SHAPE, type ThreadState } from "../thread/ThreadState.ts"
import { threadKey } from "../threadKey.ts"

/** Where a thread stands: its state, and the hash that its next event chains on. */
export interface CommittedThread {
  readonly state: ThreadState
  readonly hash: string
}

/** Threads kept in memory. A state is a few kilobytes: ids, lengths and statuses. */
const CAPACITY = 10_000

/** A thread is snapshotted each time it has grown by this many versions. */
const SNAPSHOT_EVERY = 256

const PAGE = 1_000

export const makeThreadCache = Effect.gen(function* () {
  const log = yield* EventLog
  const scope = yield* Effect.scope
  const snapshots = yield* Semaphore.make(1)
  const threads = new Map<string, CommittedThread>()
  /** The last load of each thread that is being loaded; one that was overtaken by an event is not kept. */
  const loading = new Map<string, symbol>()
  /** Of each thread in the batch that is under way: the last version that was published since it began. */
  const underWay = new Map<string, number>()

  const put = (thread: CommittedThread): void => {
    const key = threadKey(thread.state)
    threads.delete(key)
    threads.set(key, thread)
    if (threads.size > CAPACITY) threads.delete(threads.keys().next().value!)
  }

  const read = Effect.fnUntraced(function* (tenant: TenantId, threadId: ThreadId) {
    const snapshot = yield* log.snapshot(tenant, threadId)
    let thread: CommittedThread =
      snapshot !== undefined && snapshot.shape === THREAD_STATE_SHAPE
        ? { state: snapshot.state as ThreadState, hash: snapshot.hash }
        : { state: emptyThreadState(tenant, threadId), hash: GENESIS_HASH }
    while (true) {
      const events = yield* log.readThread({
        tenant,
        threadId,
        afterVersion: thread.state.version,
        limit: PAGE
      })
      if (events.length === 0) return thread
      thread = { state: events.reduce(evolve, thread.state), hash: events[events.length - 1]!.hash }
      if (events.length < PAGE) return thread
    }
  })

  /** The thread, when it is in memory. */
  const peek = (key: string): CommittedThread | undefined => threads.get(key)

  const get = Effect.fnUntraced(function* (tenant: TenantId, threadId: ThreadId) {
    const key = threadKey({ tenant, threadId })
    const known = peek(key)
    if (known !== undefined) return known
    const load = Symbol(key)
    loading.set(key, load)
    const thread = yield* read(tenant, threadId).pipe(
      Effect.onError(() => Effect.sync(() => void loading.delete(key)))
    )
    if (loading.get(key) !== load) return thread
    loading.delete(key)
    // An absent thread is not kept: asking for made-up ids must not push out real ones.
    if (thread.state.version > 0) put(thread)
    return thread
  })

  /** Lets go of the threads that others have written to. */
  const published = (events: ReadonlyArray<LoggedEvent>): void => {
    for (const event of events) {
      const key = threadKey(event)
      loading.delete(key)
      const before = underWay.get(key)
      if (before !== undefined && before < event.version) underWay.set(key, event.version)
      const known = threads.get(key)
      if (known !== undefined && known.state.version < event.version) threads.delete(key)
    }
  }

  /** A batch begins with this thread. */
  const begin = (key: string): void => void underWay.set(key, 0)

  /**
   * Keeps a thread as a batch left it. Not when more of it was published meanwhile: the answer to the append was slower than the news of
   * what another process committed after it.
   */
  const settle = (thread: CommittedThread): void => {
    const published = underWay.get(threadKey(thread.state)) ?? 0
    if (thread.state.version > 0 && thread.state.version >= published) put(thread)
  }

  const keepSnapshot = ({ hash, state }: CommittedThread) =>
    log
      .keepSnapshot({
        tenant: state.tenant,
        threadId: state.threadId,
        version: state.version,
        hash,
        shape: THREAD_STATE_SHAPE,
        state
      })
      .pipe(
        Semaphore.withPermit(snapshots),
        // A snapshot only saves time; the next one will do.
        Effect.catchTag("Unavailable", (error) => Effect.logDebug("No snapshot was kept", error.message))
      )

  /** Keeps, behind the commits, a snapshot of each thread that has grown far enough. */
  const keepDueSnapshots = (
    before: ReadonlyMap<string, CommittedThread>,
    after: ReadonlyMap<string, CommittedThread>
  ) => {
    const due = [...after].filter(([key, { state }]) => {
      const version = before.get(key)?.state.version ?? 0
      return Math.floor(version / SNAPSHOT_EVERY) !== Math.floor(state.version / SNAPSHOT_EVERY)
    })
    return due.length === 0
      ? Effect.void
      : Effect.forEach(due, ([, thread]) => keepSnapshot(thread), { discard: true }).pipe(
          Effect.forkIn(scope)
        )
  }

  return {
    get,
    peek,
    begin,
    settle,
    /** The batch is over. */
    end: (): void => underWay.clear(),
    drop: (key: string): void => void threads.delete(key),
    published,
    keepDueSnapshots
  }
})

export type ThreadCache = Effect.Success<typeof makeThreadCache>
