import { type MessageId, reject, type Rejection } from "@spillway/contracts"
import { Result } from "effect"
import { lookup } from "../record.ts"
import type { ActiveTurn, OpenMessage, ThreadState } from "../ThreadState.ts"

export const requireOpenMessage = (
  state: ThreadState,
  messageId: MessageId
): Result.Result<{ readonly active: ActiveTurn; readonly message: OpenMessage }, Rejection> => {
  const message = state.active === null ? undefined : lookup(state.active.openMessages, messageId)
  if (state.active !== null && message !== undefined) return Result.succeed({ active: state.active, message })
  return Result.fail(
    reject(
      "MessageNotOpen",
      lookup(state.messages, messageId) === undefined
        ? `Message ${messageId} was never opened. Open it with thread.message.open first.`
        : `Message ${messageId} is closed already. What was written stays; open another message for more.`
    )
  )
}
