/**
 * A piece of text on its way to the log, for the eye only. Lose every one, and the final view is the same. Applied to the
 * view it follows: trim what overlaps, ignore what leaves a gap, drop all of it when the message closes.
 */
import { Schema } from "effect"
import { MessageId, PartId, StepId, ThreadId, TurnId } from "./Ids.ts"

export const LiveFrame = Schema.Struct({
  threadId: ThreadId,
  turnId: TurnId,
  stepId: StepId,
  messageId: MessageId,
  partId: PartId,
  /** `tool-input` is the JSON of a call whose input is not complete; `tool-output` what a running tool prints. */
  kind: Schema.Literals(["text", "reasoning", "tool-input", "tool-output"]),
  /** Where `text` begins in the part, in UTF-16 code units. */
  offset: Schema.Int,
  text: Schema.String,
  /** The thread's version that must have been delivered before this frame makes sense. */
  afterVersion: Schema.Int,
  /** Of a `tool-input`: the tool's name. */
  name: Schema.optionalKey(Schema.String)
})
export type LiveFrame = typeof LiveFrame.Type
