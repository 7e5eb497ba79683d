import type { TenantId, ThreadId } from "@spillway/contracts"
import { Effect } from "effect"
import { EventLog } from "../EventLog.ts"
import { ReadModels } from "../ReadModels.ts"
import { threadKey } from "../threadKey.ts"

const PAGE = 1_000

export interface Thread {
  readonly tenant: TenantId
  readonly threadId: ThreadId
}

/**
 * The threads that may have an active turn at a position of the log, and no others that are idle for long. Where the read models stand
 * still at an event that they can't take, those that came to be busy behind it are looked for in the log: turns must not wait for a
 * projection to be put right.
 */
export const busyThreads = Effect.fnUntraced(function* (position: number) {
  const log = yield* EventLog
  const readModels = yield* ReadModels
  const behind = yield* Effect.match(readModels.waitFor(position), {
    onSuccess: () => position,
    onFailure: ({ checkpoint }) => checkpoint
  })
  const threads = new Map<string, Thread>()
  for (const thread of yield* readModels.busyThreads) threads.set(threadKey(thread), thread)
  let afterPosition = behind
  while (afterPosition < position) {
    const events = yield* log.readLog({ afterPosition, limit: Math.min(PAGE, position - afterPosition) })
    if (events.length === 0) break
    for (const { tenant, threadId, type } of events) {
      if (type === "thread.turn-started") threads.set(threadKey({ tenant, threadId }), { tenant, threadId })
    }
    afterPosition = events.at(-1)!.position
  }
  return [...threads.values()]
})
