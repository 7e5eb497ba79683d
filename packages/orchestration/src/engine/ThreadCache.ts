/**
 * Committed thread states in memory, the least recently used leaving first. What is here was committed; what is not is folded from
 * the last snapshot and the events after it.
 */
import type { TenantId, ThreadId } from "@spillway/contracts"
import { Effect } from "effect"
import { EventLog } from "../EventLog.ts"
import { GENESIS_HASH } from "../hash.ts"
import { evolve } from "../thread/evolve.ts"
import { emptyThreadState, THREAD_STATE_SHAPE, type ThreadState } from "../thread/ThreadState.ts"
import { threadKey } from "./Entry.ts"

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
  const threads = new Map<string, CommittedThread>()

  const put = (thread: CommittedThread): void => {
    const key = threadKey(thread.state.tenant, thread.state.threadId)
    threads.delete(key)
    threads.set(key, thread)
    if (threads.size > CAPACITY) threads.delete(threads.keys().next().value!)
  }

  const load = Effect.fnUntraced(function* (tenant: TenantId, threadId: ThreadId) {
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

  const get = Effect.fnUntraced(function* (tenant: TenantId, threadId: ThreadId) {
    const known = threads.get(threadKey(tenant, threadId))
    if (known !== undefined) return known
    const thread = yield* load(tenant, threadId)
    // An absent thread is not kept: asking for made-up ids must not push out real ones.
    if (thread.state.version > 0) put(thread)
    return thread
  })

  /** Keeps the snapshot of a thread that has grown far enough between two versions. */
  const snapshotIfDue = (before: number, { hash, state }: CommittedThread) =>
    Math.floor(before / SNAPSHOT_EVERY) === Math.floor(state.version / SNAPSHOT_EVERY)
      ? Effect.void
      : log
          .keepSnapshot({
            tenant: state.tenant,
            threadId: state.threadId,
            version: state.version,
            hash,
            shape: THREAD_STATE_SHAPE,
            state
          })
          // A snapshot only saves time; the next one will do.
          .pipe(
            Effect.catchTag("Unavailable", (error) => Effect.logDebug("No snapshot was kept", error.message))
          )

  return {
    get,
    put,
    drop: (key: string): void => void threads.delete(key),
    snapshotIfDue
  }
})

export type ThreadCache = Effect.Success<typeof makeThreadCache>
