import { reject, type Rejection, type ToolCallId } from "@spillway/contracts"
import { Result } from "effect"
import { lookup } from "../record.ts"
import type { ActiveTurn, OpenToolCall, ThreadState } from "../ThreadState.ts"

export const requireOpenToolCall = (
  state: ThreadState,
  toolCallId: ToolCallId
): Result.Result<{ readonly active: ActiveTurn; readonly call: OpenToolCall }, Rejection> => {
  const call = state.active === null ? undefined : lookup(state.active.openToolCalls, toolCallId)
  if (state.active !== null && call !== undefined) return Result.succeed({ active: state.active, call })
  return Result.fail(
    reject(
      "ToolCallNotOpen",
      lookup(state.closedToolCalls, toolCallId) === undefined
        ? `Tool call ${toolCallId} was never opened. Open it with thread.tool-call.open first.`
        : `Tool call ${toolCallId} is closed already. Its first result stands.`
    )
  )
}

/** No tool call of this turn has the id. */
export const requireNewToolCall = (
  { active, closedToolCalls }: ThreadState,
  toolCallId: ToolCallId
): Result.Result<void, Rejection> =>
  lookup(closedToolCalls, toolCallId) !== undefined ||
  (active !== null && lookup(active.openToolCalls, toolCallId) !== undefined)
    ? Result.fail(
        reject(
          "ToolCallAlreadyExists",
          `Tool call ${toolCallId} exists already in this turn. Leave it, or close it.`
        )
      )
    : Result.void
