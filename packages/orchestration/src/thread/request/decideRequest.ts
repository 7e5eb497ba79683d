import type { ThreadEvent } from "@spillway/contracts"
import { Result } from "effect"
import { boundedText } from "../bounded.ts"
import type { CommandOf, Decide, DecideTable } from "../Decision.ts"
import { requireActiveThread } from "../lifecycle/requireThread.ts"
import { lookup } from "../record.ts"
import { requireRunningTurn } from "../session/requireSession.ts"
import {
  requireAnsweredRequest,
  requireFittingResponse,
  requireNewRequest,
  requirePendingRequest
} from "./requireRequest.ts"

const open: Decide<CommandOf<"thread.request.open">> = (
  state,
  { kind, questions, requestId, title, toolCallId }
) =>
  Result.gen(function* () {
    const { openStep, turnId } = yield* requireRunningTurn(state)
    yield* requireNewRequest(state, requestId)
    return [
      {
        type: "thread.request-opened",
        data: { requestId, turnId, stepId: openStep, toolCallId, kind, title: boundedText(title), questions }
      }
    ]
  })

const respond: Decide<CommandOf<"thread.request.respond">> = (state, { requestId, response }) =>
  Result.gen(function* () {
    yield* requireActiveThread(state)
    const { active, request } = yield* requirePendingRequest(state, requestId)
    yield* requireFittingResponse(request, response)
    return [{ type: "thread.request-resolved", data: { requestId, turnId: active.turnId, response } }]
  })

/** Once: a session that goes on where another one was lost finds some answers taken already. */
const take: Decide<CommandOf<"thread.request.take">> = (state, { requestId }) =>
  Result.gen(function* () {
    const { turnId, untakenRequests } = yield* requireRunningTurn(state)
    yield* requireAnsweredRequest(state, requestId)
    return lookup(untakenRequests, requestId) === undefined
      ? []
      : [{ type: "thread.request-taken", data: { requestId, turnId } }]
  })

const withdraw: Decide<CommandOf<"thread.request.withdraw">> = (state, { reason, requestId }) =>
  Result.map(requirePendingRequest(state, requestId), ({ active }): ReadonlyArray<ThreadEvent> => [
    {
      type: "thread.request-withdrawn",
      data: { requestId, turnId: active.turnId, reason: boundedText(reason) }
    }
  ])

export const decideRequest: DecideTable<
  "thread.request.open" | "thread.request.respond" | "thread.request.take" | "thread.request.withdraw"
> = {
  "thread.request.open": open,
  "thread.request.respond": respond,
  "thread.request.take": take,
  "thread.request.withdraw": withdraw
}
