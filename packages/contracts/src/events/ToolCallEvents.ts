/** Tool calls. Until their input is complete they are live frames only. */
import { Schema } from "effect"
import { PartId, ToolCallId } from "../Ids.ts"
import { Failure, ToolCallClosing } from "../Turn.ts"
import { MessageAddress } from "./MessageEvents.ts"

export const ToolCallOpened = Schema.Struct({
  type: Schema.Literal("thread.tool-call-opened"),
  data: Schema.Struct({
    ...MessageAddress,
    partId: PartId,
    toolCallId: ToolCallId,
    name: Schema.String,
    input: Schema.Json,
    /** The input was larger than an event may be; `input` is the beginning of its JSON, as a string. */
    inputTruncated: Schema.Boolean,
    /** The provider runs the tool itself. */
    providerExecuted: Schema.Boolean
  })
})

/** What a tool prints while it runs, at `offset` UTF-16 code units. */
export const ToolCallOutputAppended = Schema.Struct({
  type: Schema.Literal("thread.tool-call-output-appended"),
  data: Schema.Struct({
    ...MessageAddress,
    toolCallId: ToolCallId,
    offset: Schema.Int,
    text: Schema.String,
    /** More came and was not kept. */
    truncated: Schema.Boolean
  })
})

export const ToolCallClosed = Schema.Struct({
  type: Schema.Literal("thread.tool-call-closed"),
  data: Schema.Struct({
    ...MessageAddress,
    toolCallId: ToolCallId,
    status: ToolCallClosing,
    /** The result as JSON, `null` where there is none; the beginning of it as a string when truncated. */
    result: Schema.Json,
    resultTruncated: Schema.Boolean,
    error: Schema.NullOr(Failure)
  })
})
