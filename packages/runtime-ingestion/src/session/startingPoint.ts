/** What a session starts from: the thread as it stands, and for one that has run before under the same claim, its cursor. */
import type { TurnView } from "@spillway/contracts"
import { EventLog, ingestWithText, type SessionClaim, ThreadEngine } from "@spillway/orchestration"
import { Effect } from "effect"
import { type Resume, resumeFrom } from "../turn/Resume.ts"
import { readThreadView } from "../turn/turnInput.ts"

const threadNow = Effect.fnUntraced(function* ({ tenant, threadId }: SessionClaim) {
  const engine = yield* ThreadEngine
  return yield* Effect.all({ state: engine.state(tenant, threadId), view: readThreadView(tenant, threadId) })
})

export const startingPoint = Effect.fnUntraced(function* (claim: SessionClaim) {
  const { generation, runtime, sessionId, tenant, threadId, turnId } = claim
  const log = yield* EventLog
  const { cursor, now } = yield* Effect.all(
    { cursor: log.cursor(sessionId), now: threadNow(claim) },
    { concurrency: "unbounded" }
  )
  if (cursor?.generation !== generation) return { ...now, resume: null as Resume | null }
  const checkpoint = yield* log.checkpoint(sessionId)
  // Its text goes to the log first, so that what is in there is all there is.
  yield* ingestWithText(now.state, {
    tenant,
    threadId,
    actor: `runtime:${runtime}`,
    commands: [],
    cursor: null
  })
  const { state, view } = yield* threadNow(claim)
  const turn: TurnView | undefined = view.turns.find((turn) => turn.turnId === turnId)
  return { state, view, resume: turn === undefined ? null : resumeFrom(cursor, checkpoint, turn) }
})
