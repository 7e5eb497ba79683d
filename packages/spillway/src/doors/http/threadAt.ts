import type { ThreadId, ThreadView } from "@spillway/contracts"
import { DEFAULT_TENANT, emptyThreadView, foldThread } from "@spillway/contracts"
import { EventLog } from "@spillway/orchestration"
import { Effect } from "effect"

const READ_AT_ONCE = 256

/** The whole state at a version, or as far as the thread goes. */
export const threadAt = Effect.fnUntraced(function* (threadId: ThreadId, version: number) {
  const log = yield* EventLog
  let view: ThreadView = emptyThreadView(threadId)
  while (view.version < version) {
    const limit = Math.min(READ_AT_ONCE, version - view.version)
    const events = yield* log.readThread({
      tenant: DEFAULT_TENANT,
      threadId,
      afterVersion: view.version,
      limit
    })
    view = foldThread(view, events)
    if (events.length < limit) break
  }
  return view
})
