/**
 * Refusals: values that name what the caller can do. They are decided from the thread's state, committed under their
 * commandId, and given again to whoever sends the same command again.
 */
import { Schema } from "effect"

const rejection = <const T extends string>(tag: T) =>
  Schema.Struct({ _tag: Schema.Literal(tag), message: Schema.String })

export const Rejection = Schema.Union([
  rejection("ThreadNotFound"),
  rejection("ThreadAlreadyExists"),
  rejection("ThreadArchived"),
  rejection("ThreadDeleted"),
  rejection("ThreadNotArchived"),
  rejection("TurnNotFound"),
  rejection("TurnAlreadyExists"),
  rejection("TurnAlreadyActive"),
  rejection("TurnNotActive"),
  rejection("TurnNotRetryable"),
  rejection("MessageAlreadyExists"),
  rejection("RequestNotFound"),
  rejection("RequestAlreadyResolved"),
  rejection("ResponseDoesNotFit"),
  rejection("CommandIdConflict"),
  /** Runtime commands only. */
  rejection("SessionNotOpen"),
  rejection("SessionAlreadyOpen"),
  rejection("StepNotOpen"),
  rejection("StepAlreadyOpen"),
  rejection("MessageNotOpen"),
  rejection("MessageAlreadyOpen"),
  rejection("OffsetMismatch"),
  rejection("ToolCallNotOpen"),
  rejection("ToolCallAlreadyExists"),
  rejection("RequestAlreadyExists")
])
export type Rejection = typeof Rejection.Type
export type RejectionTag = Rejection["_tag"]

export const reject = (tag: RejectionTag, message: string): Rejection => ({ _tag: tag, message })
