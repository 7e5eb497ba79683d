/** The assistant's messages: reserved, filled by segments, closed. */
import { Schema } from "effect"
import { MessageId, PartId, StepId, TurnId } from "../Ids.ts"
import { Failure, MessageClosing, TextKind } from "../Turn.ts"

/** Where an item of a message belongs. Every event about a message carries it. */
export const MessageAddress = {
  messageId: MessageId,
  turnId: TurnId,
  stepId: StepId
}

/** The reservation, committed before the model's request leaves. Metadata is stamped here. */
export const MessageOpened = Schema.Struct({
  type: Schema.Literal("thread.message-opened"),
  data: Schema.Struct({
    ...MessageAddress,
    runtime: Schema.String,
    model: Schema.NullOr(Schema.String)
  })
})

/** Durable text of one part, at `offset` UTF-16 code units from the part's start. */
export const MessageSegmentAppended = Schema.Struct({
  type: Schema.Literal("thread.message-segment-appended"),
  data: Schema.Struct({
    ...MessageAddress,
    partId: PartId,
    kind: TextKind,
    offset: Schema.Int,
    text: Schema.String
  })
})

/** Carries no text: that is in the segments of the same commit or earlier ones. */
export const MessageClosed = Schema.Struct({
  type: Schema.Literal("thread.message-closed"),
  data: Schema.Struct({
    ...MessageAddress,
    status: MessageClosing,
    error: Schema.NullOr(Failure)
  })
})
