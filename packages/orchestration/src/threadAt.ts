/** A thread as it was, folded from the log. */
import { emptyThreadView, foldThread, type TenantId, type ThreadId } from "@spillway/contracts"
import { Effect, Schema } from "effect"
import { EventLog } from "./EventLog.ts"

/** Events in memory at once, beside the view; each is at most 256 KiB. */
const PAGE = 128

/** The thread has not come that far. */
export class VersionAhead extends Schema.TaggedError<VersionAhead>("@spillway/orchestration/VersionAhead")(
  "VersionAhead",
  {
    message: Schema.String,
    version: Schema.Int,
    /** The thread's last version. */
    head: Schema.Int
  }
) {}

/** The whole state at a version, from 0 on: what was known then, and nothing that came later. `undefined`: there is no such thread. */
export const threadAt = Effect.fn("threadAt")(function* (
  tenant: TenantId,
  threadId: ThreadId,
  version: number
) {
  const log = yield* EventLog
  let view = emptyThreadView(threadId)
  while (view.version < version) {
    const limit = Math.min(PAGE, version - view.version)
    const events = yield* log.readThread({ tenant, threadId, afterVersion: view.version, limit })
    view = foldThread(view, events)
    if (events.length === limit) continue
    const head = view.version
    if (head === 0) return undefined
    const message = `The thread has ${head} events, and no state at version ${version} yet: ask for an earlier one.`
    return yield* new VersionAhead({ message, version, head })
  }
  if (version > 0) return view
  const first = yield* log.readThread({ tenant, threadId, afterVersion: 0, limit: 1 })
  return first.length === 0 ? undefined : view
})
