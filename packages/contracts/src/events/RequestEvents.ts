/** Questions to a person. While one is pending the turn is parked. */
import { Schema } from "effect"
import { RequestId, StepId, ToolCallId, TurnId } from "../Ids.ts"
import { Question, RequestKind, RequestResponse } from "../Request.ts"

export const RequestOpened = Schema.Struct({
  type: Schema.Literal("thread.request-opened"),
  data: Schema.Struct({
    requestId: RequestId,
    turnId: TurnId,
    stepId: Schema.NullOr(StepId),
    toolCallId: Schema.NullOr(ToolCallId),
    kind: RequestKind,
    title: Schema.String,
    /** Empty for an approval. */
    questions: Schema.Array(Question)
  })
})

export const RequestResolved = Schema.Struct({
  type: Schema.Literal("thread.request-resolved"),
  data: Schema.Struct({ requestId: RequestId, turnId: TurnId, response: RequestResponse })
})

/**
 * A session takes the answer: committed before its runtime gets it, as a claim is before the runtime is called. A turn whose answers
 * are not all taken goes on from the log when its session is lost; one whose last answer was taken may have acted on it.
 */
export const RequestTaken = Schema.Struct({
  type: Schema.Literal("thread.request-taken"),
  data: Schema.Struct({ requestId: RequestId, turnId: TurnId })
})

export const RequestWithdrawn = Schema.Struct({
  type: Schema.Literal("thread.request-withdrawn"),
  data: Schema.Struct({ requestId: RequestId, turnId: TurnId, reason: Schema.String })
})
