/**
 * The AI SDK's `fullStream`. It announces its steps; text may end after a tool's input has begun; a cut connection throws in the middle of
 * an open part; and a failed request is a start, an error and no finish.
 */
import { type ProviderRuntimeEvent, RequestId, ToolCallId, type Usage } from "@spillway/contracts"
import type { Schema } from "effect"
import { type Cue, emit, type Line, type MakeTranslator, unreadable } from "./Transcript.ts"

interface Part {
  readonly type: string
  readonly id: string
  readonly text: string
  readonly delta: string
  readonly toolName: string
  readonly toolCallId: string
  readonly input: Schema.Json
  readonly output?: Schema.Json
  readonly approvalId: string
  readonly toolCall: { readonly toolCallId: string; readonly toolName: string }
  readonly finishReason: string
  readonly usage: {
    readonly inputTokens?: number
    readonly outputTokens?: number
    readonly totalTokens?: number
  }
  readonly response?: { readonly id?: string }
  readonly error: { readonly name?: string; readonly message?: string }
  readonly thrown?: string
  readonly message: string
}

export const aiSdk: MakeTranslator = ({ connection }) => {
  let running = false
  const toolNames = new Map<string, string>()

  const end = (event: ProviderRuntimeEvent): ReadonlyArray<Cue> => {
    running = false
    return emit(event)
  }

  const part = (part: Part): ReadonlyArray<Cue> => {
    if (part.thrown !== undefined) {
      return end({ type: "turn.failed", error: { code: part.thrown, message: part.message } })
    }
    switch (part.type) {
      case "start":
        running = true
        return [{ type: "prompt", text: "go" }]
      case "start-step":
        return [{ type: "open-step" }]
      case "text-delta":
        return emit({ type: "text.delta", kind: "text", itemId: part.id, delta: part.text })
      case "reasoning-delta":
        return emit({ type: "text.delta", kind: "reasoning", itemId: part.id, delta: part.text })
      case "text-end":
        return emit({ type: "text.completed", kind: "text", itemId: part.id })
      case "reasoning-end":
        return emit({ type: "text.completed", kind: "reasoning", itemId: part.id })
      case "tool-input-start":
        toolNames.set(part.id, part.toolName)
        return []
      case "tool-input-delta":
        return emit({
          type: "tool-call.input-delta",
          toolCallId: ToolCallId.make(part.id),
          name: toolNames.get(part.id) ?? "unknown",
          delta: part.delta
        })
      case "tool-call":
        return emit({
          type: "tool-call.started",
          toolCallId: ToolCallId.make(part.toolCallId),
          name: part.toolName,
          input: part.input
        })
      case "tool-approval-request":
        return emit({
          type: "request.opened",
          requestId: RequestId.make(`${connection}/${part.approvalId}`),
          kind: "approval",
          toolCallId: ToolCallId.make(part.toolCall.toolCallId),
          title: `Allow ${part.toolCall.toolName}?`
        })
      case "tool-result":
        return emit({
          type: "tool-call.completed",
          toolCallId: ToolCallId.make(part.toolCallId),
          status: "completed",
          result: part.output ?? null
        })
      case "finish-step":
        return emit({
          type: "step.finished",
          usage: usageOf(part.usage),
          finishReason: part.finishReason,
          ...(part.response?.id !== undefined && { responseId: part.response.id })
        })
      case "error":
        return end({
          type: "turn.failed",
          error: {
            code: part.error.name ?? "Error",
            message: part.error.message ?? "The model gave no reason."
          }
        })
      case "abort":
        return end({ type: "turn.aborted" })
      case "finish":
        return end({ type: "turn.completed", reason: part.finishReason })
      default:
        return []
    }
  }

  return {
    line: ({ message }: Line) => (typeof message === "string" ? unreadable : part(message as Part)),
    end: () => (running ? emit({ type: "session.exited" }) : [])
  }
}

const usageOf = ({ inputTokens, outputTokens, totalTokens }: Part["usage"]): Usage => ({
  ...(inputTokens !== undefined && { inputTokens }),
  ...(outputTokens !== undefined && { outputTokens }),
  ...(totalTokens !== undefined && { totalTokens })
})
