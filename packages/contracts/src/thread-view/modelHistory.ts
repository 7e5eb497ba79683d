/**
 * What a model is told of a thread so far. The order is the timeline's: the assistant's message first, then the results of its
 * tool calls in call order. Messages that are open or say nothing stay out, and so do attempts that were retried.
 */
import type { Schema } from "effect"
import type { ToolCallId } from "../Ids.ts"
import type { MessageView, ThreadView, ToolCallPart } from "./ThreadView.ts"
import { conversation } from "./timeline.ts"

export type HistoryPart =
  | { readonly type: "text" | "reasoning"; readonly text: string }
  | {
      readonly type: "tool-call"
      readonly toolCallId: ToolCallId
      readonly name: string
      readonly input: Schema.Json
      readonly providerExecuted: boolean
    }

export interface HistoryToolResult {
  readonly toolCallId: ToolCallId
  readonly name: string
  readonly status: "completed" | "error" | "denied"
  readonly result: Schema.Json
  /** What to tell the model where there is no result. */
  readonly error: string | null
}

export type HistoryMessage =
  | { readonly role: "user" | "system"; readonly text: string }
  | {
      readonly role: "assistant"
      readonly parts: ReadonlyArray<HistoryPart>
      readonly toolResults: ReadonlyArray<HistoryToolResult>
      /** The message was cut off before its end. */
      readonly cutOff: boolean
    }

export const modelHistory = (view: ThreadView): ReadonlyArray<HistoryMessage> =>
  conversation(view)
    .filter(({ turn }) => turn.startedAt !== null)
    .flatMap(({ messages }) => messages)
    .filter(
      (message) => message.status !== "open" && message.status !== "discarded" && saysSomething(message)
    )
    .map(historyMessage)

/** A message that closed with an error may be empty: it says something to people, and nothing to a model. */
const saysSomething = ({ parts, role }: MessageView): boolean =>
  role !== "assistant" || parts.some((part) => part.type === "tool-call" || part.text.trim() !== "")

const historyMessage = (message: MessageView): HistoryMessage => {
  if (message.role !== "assistant") {
    return {
      role: message.role,
      text: message.parts.map((part) => (part.type === "text" ? part.text : "")).join("")
    }
  }
  return {
    role: "assistant",
    parts: message.parts.map((part): HistoryPart =>
      part.type === "tool-call"
        ? {
            type: "tool-call",
            toolCallId: part.toolCallId,
            name: part.name,
            input: part.input,
            providerExecuted: part.providerExecuted
          }
        : { type: part.type, text: part.text }
    ),
    toolResults: message.parts.flatMap((part) =>
      part.type === "tool-call" && part.status !== "open" ? [toolResult(part, part.status)] : []
    ),
    cutOff: message.status === "interrupted" || message.status === "error"
  }
}

const toolResult = (part: ToolCallPart, status: HistoryToolResult["status"]): HistoryToolResult => ({
  toolCallId: part.toolCallId,
  name: part.name,
  status,
  result: part.result ?? (part.output === "" ? null : part.output),
  error: part.error?.message ?? null
})
