import type { EventOf, Failure, MessageClosing, TurnId } from "@spillway/contracts"
import { boundedFailure } from "../bounded.ts"
import type { OpenMessage } from "../ThreadState.ts"

/** An empty message is discarded, unless an error is what it has to say; written text is never discarded. */
const settled = (message: OpenMessage, status: MessageClosing): MessageClosing => {
  if (status === "error") return "error"
  if (!message.hasContent) return "discarded"
  return status === "discarded" ? "interrupted" : status
}

export const messageClosed = (
  turnId: TurnId,
  message: OpenMessage,
  asked: MessageClosing,
  error: Failure | null
): EventOf<"thread.message-closed"> => {
  const status = settled(message, asked)
  return {
    type: "thread.message-closed",
    data: {
      messageId: message.messageId,
      turnId,
      stepId: message.stepId,
      status,
      error: status === "error" && error !== null ? boundedFailure(error) : null
    }
  }
}
