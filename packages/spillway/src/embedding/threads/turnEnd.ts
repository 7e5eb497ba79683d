import { isTurnEnd, type TurnId } from "@spillway/contracts"
import { ThreadEngine } from "@spillway/orchestration"
import { Deferred, Effect } from "effect"
import { ThreadHub } from "../../doors/following/ThreadHub.ts"
import { readTurn, type ThreadAddress, threadNotFound, turnNotFound } from "./readThread.ts"

/** The turn once it has ended, however it did. */
export const endedTurn = Effect.fnUntraced(function* (thread: ThreadAddress, turnId: TurnId) {
  const hub = yield* ThreadHub
  const engine = yield* ThreadEngine
  const ended = yield* Deferred.make<void>()
  yield* hub.onThread(thread.tenant, thread.threadId, (event) => {
    if (isTurnEnd(event) && event.data.turnId === turnId) Deferred.doneUnsafe(ended, Effect.void)
  })
  const { status, turns } = yield* engine.state(thread.tenant, thread.threadId)
  if (status === "absent") return yield* Effect.fail(threadNotFound(thread.threadId))
  const turn = turns[turnId]
  if (turn === undefined) return yield* Effect.fail(turnNotFound(turnId))
  if (turn.status === "queued" || turn.status === "active") yield* Deferred.await(ended)
  return yield* readTurn(thread, turnId)
}, Effect.scoped)
