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
 * A commit that was under way when the state was read may have the text already: then what there is to do is looked at again.
 *
 * @param state the thread's, with the session.
 */
export const ingestWithText = Effect.fnUntraced(function* (state: ThreadState, batch: RuntimeBatch) {
  const engine = yield* ThreadEngine
  const log = yield* EventLog
  const generation = state.active?.session?.generation
  for (let at = state; ;) {
    const { active } = at
    const isOpen = active?.session && active.session.generation === generation
    const text = isOpen ? promotedText(active, yield* log.checkpoint(active.session.sessionId)) : []
    if (text.length === 0) return yield* engine.ingest(batch)
    const outcome = yield* engine
      .ingest({ ...batch, commands: [...text, ...batch.commands] })
      .pipe(
        Effect.catchTag("CommandFailed", ({ message }) =>
          Effect.succeed({ _tag: "Failed", message } as const)
        )
      )
    if (outcome._tag === "Committed" || outcome._tag === "Superseded") return outcome
    const now = yield* engine.state(batch.tenant, batch.threadId)
    if (now.version === at.version) {
      // A bug of ours. The thread must not stay busy for it.
      const reason = outcome._tag === "Refused" ? outcome.rejection.message : outcome.message
      yield* Effect.logError("Text of a checkpoint could not be taken to the log", reason)
      return yield* engine.ingest(batch)
    }
    at = now
  }
})
