import { reject, type ThreadEvent } from "@spillway/contracts"
import { Result } from "effect"
import { boundedFailure, consecutive } from "../bounded.ts"
import type { CommandOf, Decide, DecideTable } from "../Decision.ts"
import { requireOpenMessage } from "../message/requireMessage.ts"
import { lookup } from "../record.ts"
import { requireNewToolCall, requireOpenToolCall } from "./requireToolCall.ts"
import { addressOf } from "./toolCallEvents.ts"

const open: Decide<CommandOf<"thread.tool-call.open">> = (state, { type: _, ...call }) =>
  Result.gen(function* () {
    const { active, message } = yield* requireOpenMessage(state, call.messageId)
    yield* requireNewToolCall(state, call.toolCallId)
    if (lookup(message.parts, call.partId) !== undefined) {
      return yield* Result.fail(
        reject(
          "PartMismatch",
          `Part ${call.partId} of message ${call.messageId} exists already. Use another part id.`
        )
      )
    }
    return [
      { type: "thread.tool-call-opened", data: { turnId: active.turnId, stepId: message.stepId, ...call } }
    ]
  })

const output: Decide<CommandOf<"thread.tool-call.output">> = (
  state,
  { offset, text, toolCallId, truncated }
) =>
  Result.gen(function* () {
    const { active, call } = yield* requireOpenToolCall(state, toolCallId)
    if (offset !== call.outputLength) {
      return yield* Result.fail(
        reject(
          "OffsetMismatch",
          `The output of tool call ${toolCallId} holds ${call.outputLength} code units, so text can't go at ${offset}. Append at ${call.outputLength}.`
        )
      )
    }
    const segments = text === "" && truncated ? [{ offset, text }] : consecutive(text, offset)
    return segments.map((segment, i): ThreadEvent => ({
      type: "thread.tool-call-output-appended",
      data: {
        ...addressOf(active.turnId, call),
        toolCallId,
        ...segment,
        truncated: truncated && i === segments.length - 1
      }
    }))
  })

const close: Decide<CommandOf<"thread.tool-call.close">> = (state, { type: _, error, ...closing }) =>
  Result.map(
    requireOpenToolCall(state, closing.toolCallId),
    ({ active, call }): ReadonlyArray<ThreadEvent> => [
      {
        type: "thread.tool-call-closed",
        data: { ...addressOf(active.turnId, call), ...closing, error: error && boundedFailure(error) }
      }
    ]
  )

export const decideToolCall: DecideTable<
  "thread.tool-call.open" | "thread.tool-call.output" | "thread.tool-call.close"
> = {
  "thread.tool-call.open": open,
  "thread.tool-call.output": output,
  "thread.tool-call.close": close
}
