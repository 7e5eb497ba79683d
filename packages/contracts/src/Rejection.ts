/**
 * Refusals: values that name what the caller can do. They are decided from the thread's state, committed under their
 * commandId, and given again to whoever sends the same command again.
 */
import { Schema } from "effect"

export const RejectionTag = Schema.Literals([
  "ThreadNotFound",
  "ThreadAlreadyExists",
  "ThreadArchived",
  "ThreadDeleted",
  "ThreadNotArchived",
  "TurnNotFound",
  "TurnAlreadyExists",
  "TurnAlreadyActive",
  "TurnNotActive",
  "TurnNotRetryable",
  "MessageAlreadyExists",
  "RequestNotFound",
  "RequestAlreadyResolved",
  "RequestWithdrawn",
  "ResponseDoesNotFit",
  "CommandIdConflict",
  "CommandTooLarge",
  // Runtime commands only.
  "SessionNotOpen",
  "SessionAlreadyOpen",
  "TurnParked",
  "StepNotOpen",
  "StepAlreadyOpen",
  "StepOutOfOrder",
  "SteeringNotPending",
  "MessageNotOpen",
  "MessageAlreadyOpen",
  "OffsetMismatch",
  "PartMismatch",
  "ToolCallNotOpen",
  "ToolCallAlreadyExists",
  "RequestAlreadyExists"
])
export type RejectionTag = typeof RejectionTag.Type

export const Rejection = Schema.Struct({ _tag: RejectionTag, message: Schema.String })
export type Rejection = typeof Rejection.Type

export const reject = (tag: RejectionTag, message: string): Rejection => ({ _tag: tag, message })
