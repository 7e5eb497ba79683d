/** What is known of a turn while its spans are open, and the spans that it comes to. Names follow OpenTelemetry's for generative AI. */
import type {
  Activity,
  CommandId,
  DataOf,
  DeliveryMode,
  Failure,
  StepId,
  TenantId,
  ThreadId,
  ToolCallId,
  TurnId,
  TurnOutcome
} from "@spillway/contracts"
import { sessionContext, type SpanContext, stepContext, toolCallContext } from "./spanContext.ts"
import type { EndedSpan, SpanEvent } from "./Tracing.ts"

/** The most of one text that a span carries, in UTF-16 code units. */
const CONTENT_LIMIT = 16_384

export interface TurnTrace {
  readonly turnId: TurnId
  readonly tenant: TenantId
  readonly threadId: ThreadId
  readonly commandId: CommandId | null
  readonly mode: DeliveryMode
  /** The span of the turn that this one tries again. */
  readonly retryOf: SpanContext | null
  readonly context: SpanContext
  readonly sampled: boolean
  readonly content: boolean
  readonly requestedAt: number
  startedAt: number | null
  session: OpenSession | null
  step: OpenStep | null
  readonly toolCalls: Map<ToolCallId, OpenToolCall>
  readonly asked: Array<{ readonly role: string; readonly text: string }>
  readonly events: Array<SpanEvent>
}

interface OpenSession {
  readonly generation: number
  readonly runtime: string
  readonly openedAt: number
}

type OpenToolCall = DataOf<"thread.tool-call-opened"> & { readonly openedAt: number }

type Part =
  | { readonly type: "text" | "reasoning"; readonly partId: string; content: string }
  | { readonly type: "tool_call"; readonly id: string; readonly name: string; readonly arguments: unknown }

export class OpenStep {
  readonly stepId: StepId
  readonly openedAt: number
  readonly parent: SpanContext
  provider: string | null
  model: string | null = null
  responseModel: string | null = null
  error: Failure | null = null
  readonly events: Array<SpanEvent> = []
  readonly parts: Array<Part> = []

  constructor(turn: TurnTrace, stepId: StepId, openedAt: number, provider: string | null) {
    this.stepId = stepId
    this.openedAt = openedAt
    this.parent =
      turn.session === null ? turn.context : sessionContext(turn.context.traceId, turn.session.generation)
    this.provider = provider
  }

  opened({ model, runtime }: DataOf<"thread.message-opened">): void {
    this.provider ??= runtime
    this.model ??= model
  }

  wrote({ kind, partId, text }: DataOf<"thread.message-segment-appended">): void {
    const part = this.parts.find((part) => part.type === kind && part.partId === partId)
    if (part === undefined) this.parts.push({ type: kind, partId, content: cut(text) })
    else if (part.type !== "tool_call") part.content = cut(part.content + text)
  }

  called({ input, name, toolCallId }: DataOf<"thread.tool-call-opened">): void {
    this.parts.push({ type: "tool_call", id: toolCallId, name, arguments: input })
  }

  /** The model call is over; tool calls may go on. */
  answered({ error, status }: DataOf<"thread.message-closed">, at: number): void {
    this.error ??= error
    this.events.push({
      name: "spillway.model_call_ended",
      at,
      attributes: { "spillway.message.status": status }
    })
  }

  remarked(activity: Activity, at: number): void {
    if (activity.type === "message-metadata") this.responseModel = activity.model
    if (activity.type === "model-call-retried") {
      this.events.push({ name: "spillway.model_call_retried", at, attributes: {} })
    }
  }
}

export const turnSpan = (
  turn: TurnTrace,
  end: { readonly outcome: TurnOutcome; readonly reason: string; readonly error: Failure | null },
  endedAt: number
): EndedSpan => ({
  name: "spillway.turn",
  kind: "internal",
  context: turn.context,
  parent: null,
  sampled: turn.sampled,
  startedAt: turn.startedAt ?? turn.requestedAt,
  endedAt,
  attributes: {
    ...idsOf(turn),
    "spillway.command_id": turn.commandId,
    "spillway.delivery_mode": turn.mode,
    "spillway.turn.waited_seconds": ((turn.startedAt ?? endedAt) - turn.requestedAt) / 1_000,
    "spillway.turn.outcome": end.outcome,
    "spillway.turn.reason": end.reason,
    "gen_ai.input.messages": turn.content ? JSON.stringify(turn.asked.map(asMessage)) : undefined
  },
  events: turn.events,
  links: turn.retryOf === null ? [] : [turn.retryOf],
  error: end.error
})

export const sessionSpan = (
  turn: TurnTrace,
  session: OpenSession,
  reason: DataOf<"thread.session-closed">["reason"],
  endedAt: number
): EndedSpan => ({
  name: "spillway.session",
  kind: "internal",
  context: sessionContext(turn.context.traceId, session.generation),
  parent: turn.context,
  sampled: turn.sampled,
  startedAt: session.openedAt,
  endedAt,
  attributes: {
    ...idsOf(turn),
    "spillway.runtime": session.runtime,
    "spillway.session.generation": session.generation,
    "spillway.session.reason": reason
  }
})

export const chatSpan = (
  turn: TurnTrace,
  step: OpenStep,
  { finishReason, responseId, usage }: DataOf<"thread.step-closed">,
  endedAt: number
): EndedSpan => ({
  name: step.model === null ? "chat" : `chat ${step.model}`,
  kind: "client",
  context: stepContext(turn.context.traceId, step.stepId),
  parent: step.parent,
  sampled: turn.sampled,
  startedAt: step.openedAt,
  endedAt,
  attributes: {
    ...idsOf(turn),
    "spillway.step_id": step.stepId,
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": step.provider,
    "gen_ai.conversation.id": turn.threadId,
    "gen_ai.request.model": step.model,
    "gen_ai.response.model": step.responseModel,
    "gen_ai.response.id": responseId,
    "gen_ai.response.finish_reasons": [finishReason],
    "gen_ai.usage.input_tokens": usage.inputTokens,
    "gen_ai.usage.output_tokens": usage.outputTokens,
    "gen_ai.usage.cache_read.input_tokens": usage.cachedInputTokens,
    "gen_ai.output.messages": turn.content
      ? JSON.stringify([
          { role: "assistant", parts: step.parts.map(withoutPartId), finish_reason: finishReason }
        ])
      : undefined
  },
  events: step.events,
  error: step.error
})

export const toolSpan = (
  turn: TurnTrace,
  call: OpenToolCall,
  { error, result, status }: DataOf<"thread.tool-call-closed">,
  endedAt: number
): EndedSpan => ({
  name: `execute_tool ${call.name}`,
  kind: "internal",
  context: toolCallContext(turn.context.traceId, call.toolCallId),
  parent: stepContext(turn.context.traceId, call.stepId),
  sampled: turn.sampled,
  startedAt: call.openedAt,
  endedAt,
  attributes: {
    ...idsOf(turn),
    "spillway.step_id": call.stepId,
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": call.name,
    "gen_ai.tool.call.id": call.toolCallId,
    "gen_ai.tool.type": call.providerExecuted ? "extension" : "function",
    "spillway.tool_call.outcome": status,
    "gen_ai.tool.call.arguments": turn.content ? cut(JSON.stringify(call.input)) : undefined,
    "gen_ai.tool.call.result": turn.content ? cut(JSON.stringify(result)) : undefined
  },
  // What a person denied went as it should.
  error: status === "error" ? (error ?? { code: "ToolCallFailed", message: "The tool call failed." }) : null
})

const idsOf = ({ tenant, threadId, turnId }: TurnTrace) => ({
  "spillway.tenant": tenant,
  "spillway.thread_id": threadId,
  "spillway.turn_id": turnId
})

const asMessage = ({ role, text }: { readonly role: string; readonly text: string }) => ({
  role,
  parts: [{ type: "text", content: cut(text) }]
})

const withoutPartId = (part: Part) => {
  if (part.type === "tool_call") return part
  const { content, type } = part
  return { type, content }
}

const cut = (text: string): string =>
  text.length <= CONTENT_LIMIT ? text : `${text.slice(0, CONTENT_LIMIT).toWellFormed()}…`
