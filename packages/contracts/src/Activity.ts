/** Things worth keeping that change nothing: what a runtime said that the thread could not use. */
import { Schema } from "effect"
import { MessageId, PartId } from "./Ids.ts"

export const Activity = Schema.Union([
  /** The runtime's final text is not the text it streamed. The streamed text stands. */
  Schema.Struct({
    type: Schema.Literal("final-text-differs"),
    messageId: MessageId,
    partId: PartId,
    finalText: Schema.String
  }),
  /** The runtime ended a turn that is not the active one. */
  Schema.Struct({ type: Schema.Literal("foreign-turn-end"), runtimeTurnId: Schema.String }),
  /** A runtime event that could not be applied; the ones after it were. */
  Schema.Struct({ type: Schema.Literal("event-refused"), eventType: Schema.String, reason: Schema.String }),
  /** The runtime started its model call again. */
  Schema.Struct({ type: Schema.Literal("model-call-retried"), reason: Schema.String }),
  /** A remark of the runtime: a warning, a plan, a status. */
  Schema.Struct({
    type: Schema.Literal("notice"),
    level: Schema.Literals(["info", "warning", "error"]),
    text: Schema.String
  }),
  /** Metadata of an open message that became known later. */
  Schema.Struct({ type: Schema.Literal("message-metadata"), messageId: MessageId, model: Schema.String })
]).pipe(Schema.toTaggedUnion("type"))
export type Activity = typeof Activity.Type
