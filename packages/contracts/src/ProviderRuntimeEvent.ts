/**
 * What a provider runtime reports, in the order in which it happened. `itemId` is the runtime's own name for a stretch of
 * text; ingestion maps it to a message and a part. A runtime that announces no steps leaves `step.*` out, and ingestion
 * opens one at the first output after the turn's start and at the first output after tool results.
 */
import { Schema } from "effect"
import { SessionId, ToolCallId, RequestId } from "./Ids.ts"
import { Question, RequestKind } from "./Request.ts"
import { Failure, TextKind, ToolCallClosing, Usage } from "./Turn.ts"

const event = <const T extends string, const F extends Schema.Struct.Fields>(type: T, fields: F) =>
  Schema.Struct({ type: Schema.Literal(type), ...fields })

export const ProviderRuntimeEvent = Schema.Union([
  /** The runtime is there. Again in mid-turn it is harmless. */
  event("session.started", { providerThreadId: Schema.optionalKey(Schema.String) }),
  /** The runtime went away; whatever is open ends. */
  event("session.exited", { error: Schema.optionalKey(Failure) }),

  event("turn.started", { runtimeTurnId: Schema.optionalKey(Schema.String) }),
  /** `runtimeTurnId`, where the runtime names turns: the end of another one is recorded and ignored. */
  event("turn.completed", {
    runtimeTurnId: Schema.optionalKey(Schema.String),
    reason: Schema.optionalKey(Schema.String)
  }),
  event("turn.failed", { runtimeTurnId: Schema.optionalKey(Schema.String), error: Failure }),
  event("turn.aborted", { runtimeTurnId: Schema.optionalKey(Schema.String) }),

  /** The model's name, once it is known. */
  event("model.known", { model: Schema.String }),
  /**
   * The model call of the open step is over; its tool calls may still run. With the finish reason `error` or `aborted` its message stays
   * open for the turn's end, which says how it closes.
   */
  event("step.finished", {
    usage: Schema.optionalKey(Usage),
    finishReason: Schema.optionalKey(Schema.String),
    responseId: Schema.optionalKey(Schema.String)
  }),
  /** The model call of the open step starts again; what it wrote so far is void, and its items will not complete. */
  event("step.retried", { reason: Schema.String }),

  event("text.delta", { itemId: Schema.String, kind: TextKind, delta: Schema.String }),
  /** The item is complete. `text`, where given, is all of it, whether it was streamed before or not. */
  event("text.completed", { itemId: Schema.String, kind: TextKind, text: Schema.optionalKey(Schema.String) }),

  event("tool-call.input-delta", { toolCallId: ToolCallId, name: Schema.String, delta: Schema.String }),
  /** The input is complete. Repeated for one id it is harmless. */
  event("tool-call.started", {
    toolCallId: ToolCallId,
    name: Schema.String,
    input: Schema.Json,
    providerExecuted: Schema.optionalKey(Schema.Boolean)
  }),
  event("tool-call.output-delta", { toolCallId: ToolCallId, delta: Schema.String }),
  /** May come without `tool-call.started` before it; then `name` and `input` say what it was. */
  event("tool-call.completed", {
    toolCallId: ToolCallId,
    status: ToolCallClosing,
    name: Schema.optionalKey(Schema.String),
    input: Schema.optionalKey(Schema.Json),
    result: Schema.optionalKey(Schema.Json),
    error: Schema.optionalKey(Failure)
  }),

  event("request.opened", {
    requestId: RequestId,
    kind: RequestKind,
    title: Schema.String,
    toolCallId: Schema.optionalKey(ToolCallId),
    questions: Schema.optionalKey(Schema.Array(Question))
  }),
  event("request.withdrawn", { requestId: RequestId, reason: Schema.String }),

  event("notice", { level: Schema.Literals(["info", "warning", "error"]), text: Schema.String })
]).pipe(Schema.toTaggedUnion("type"))
export type ProviderRuntimeEvent = typeof ProviderRuntimeEvent.Type
export type ProviderRuntimeEventType = ProviderRuntimeEvent["type"]
export type ProviderRuntimeEventOf<T extends ProviderRuntimeEventType> = Extract<
  ProviderRuntimeEvent,
  { readonly type: T }
>

/** Where an event stands in what one session reported. At or below the session's cursor it was seen before. */
export const SourceAddress = Schema.Struct({
  sessionId: SessionId,
  generation: Schema.Int,
  sourceSequence: Schema.Int
})
export type SourceAddress = typeof SourceAddress.Type
