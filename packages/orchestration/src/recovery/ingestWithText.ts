import type { ThreadState } from "../thread/ThreadState.ts"
import { Effect } from "effect"
import { EventLog } from "../EventLog.ts"
import type { RuntimeBatch } from "../RuntimeBatch.ts"
import { ThreadEngine } from "../ThreadEngine.ts"
import { promotedText } from "./promotedText.ts"

/**
 * Commits the end of a session that nobody runs any more, behind the text that its checkpoint holds. The lease keeps whoever wrote that
 * from writing more.
 *
 * @param state the thread's, with the session.
 */
export const ingestWithText = Effect.fnUntraced(function* (state: ThreadState, batch: RuntimeBatch) {
  const engine = yield* ThreadEngine
  const log = yield* EventLog
  const { active } = state
  const text = active?.session ? promotedText(active, yield* log.checkpoint(active.session.sessionId)) : []
  const whole = { ...batch, commands: [...text, ...batch.commands] }
  if (text.length === 0) return yield* engine.ingest(whole)
  const outcome = yield* engine
    .ingest(whole)
    .pipe(
      Effect.catchTag("CommandFailed", ({ message }) => Effect.succeed({ _tag: "Failed", message } as const))
    )
  if (outcome._tag === "Committed" || outcome._tag === "Superseded") return outcome
  // A bug of ours. The thread must not stay busy for it.
  const reason = outcome._tag === "Refused" ? outcome.rejection.message : outcome.message
  yield* Effect.logError("Text of a checkpoint could not be taken to the log", reason)
  return yield* engine.ingest(batch)
})
