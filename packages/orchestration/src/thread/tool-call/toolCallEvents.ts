import type { EventOf, Failure, MessageId, StepId, TurnId } from "@spillway/contracts"
import type { OpenToolCall } from "../ThreadState.ts"

/** Where a call belongs: the step that asked for it, also when its result comes much later. */
export const addressOf = (
  turnId: TurnId,
  { messageId, stepId }: OpenToolCall
): { readonly messageId: MessageId; readonly turnId: TurnId; readonly stepId: StepId } => ({
  messageId,
  turnId,
  stepId
})

/** The result of a call that never finished. */
export const toolCallCutOff = (
  turnId: TurnId,
  call: OpenToolCall,
  error: Failure
): EventOf<"thread.tool-call-closed"> => ({
  type: "thread.tool-call-closed",
  data: {
    ...addressOf(turnId, call),
    toolCallId: call.toolCallId,
    status: "error",
    result: null,
    resultTruncated: false,
    error
  }
})
