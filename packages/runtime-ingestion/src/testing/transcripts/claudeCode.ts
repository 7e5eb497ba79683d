/**
 * Claude Code's stream-json: the provider's own stream events, each content block once more as an `assistant` message before the block
 * stops, tool results as `user` messages, and one `result` a turn, which says `success` of failed ones too and adds `is_error`.
 */
import {
  type ProviderRuntimeEvent,
  RequestId,
  type RequestResponse,
  ToolCallId,
  type Usage
} from "@spillway/contracts"
import type { Schema } from "effect"
import { type Cue, emit, type Line, type MakeTranslator, unreadable } from "./Transcript.ts"

type Json = Schema.Json

interface Block {
  readonly type: string
  readonly text?: string
  readonly thinking?: string
  readonly id?: string
  readonly name?: string
  readonly input?: Json
  readonly tool_use_id?: string
  readonly content?: Json
  readonly is_error?: boolean
}

interface StreamEvent {
  readonly type: string
  readonly index: number
  readonly message: { readonly id: string; readonly model: string; readonly usage: Tokens }
  readonly content_block: Block
  readonly delta: {
    readonly type?: string
    readonly text?: string
    readonly thinking?: string
    readonly partial_json?: string
    readonly stop_reason?: string
  }
  readonly usage?: Tokens
}

interface Tokens {
  readonly input_tokens?: number
  readonly output_tokens?: number
  readonly cache_read_input_tokens?: number
}

interface ToolQuestion {
  readonly subtype: string
  readonly tool_name: string
  readonly tool_use_id: string
  readonly input: { readonly [key: string]: Json }
  readonly description?: string
}

interface Message {
  readonly type: string
  readonly subtype?: string
  readonly session_id?: string
  readonly api_message_id?: string
  readonly abandoned_blocks?: unknown
  readonly event: StreamEvent
  readonly message: { readonly id: string; readonly content: ReadonlyArray<Block> | string }
  readonly is_api_error_message?: boolean
  readonly error?: string
  readonly content?: string
  readonly request_id: string
  readonly request: ToolQuestion
  readonly response: {
    readonly request_id: string
    readonly response: {
      readonly behavior?: string
      readonly message?: string
      readonly updatedInput?: { readonly answers?: Record<string, string> }
    }
  }
  readonly is_error?: boolean
  readonly result?: string
  readonly terminal_reason?: string
  readonly stop_reason?: string
  readonly errors?: ReadonlyArray<string>
  readonly api_error_type?: string
}

/** A content block as it streams. */
interface Streaming {
  readonly itemId: string
  readonly kind: "text" | "reasoning" | "tool-call"
  readonly block: Block
  /** Its `assistant` message came. */
  complete: boolean
}

export const claudeCode: MakeTranslator = ({ connection }) => {
  const asked = new Map<string, ToolQuestion>()
  const denied = new Set<string>()
  /** The blocks of each model answer, by the answer's id and the block's index. */
  const answers = new Map<string, Map<number, Streaming>>()
  let answerId = ""
  let tokens: Tokens = {}
  let stopReason: string | undefined
  /** The last model call was given up in mid-answer; whatever comes next repeats it. */
  let abandoned = false
  let running = false

  const requestIdOf = (id: string) => RequestId.make(`${connection}/${id}`)

  const fromClient = ({ message, request, response, type }: Message): ReadonlyArray<Cue> => {
    if (type === "user") {
      running = true
      abandoned = false
      answers.clear()
      denied.clear()
      return [{ type: "prompt", text: textOf(message.content) }]
    }
    if (type === "control_request") return request.subtype === "interrupt" ? [{ type: "interrupt" }] : []
    const question = type === "control_response" ? asked.get(response.request_id) : undefined
    if (question === undefined) return []
    const { behavior, message: reason, updatedInput } = response.response
    if (behavior !== "allow") denied.add(question.tool_use_id)
    const answer: RequestResponse =
      question.tool_name === "AskUserQuestion"
        ? { type: "input", answers: updatedInput?.answers ?? {} }
        : {
            type: "approval",
            decision: behavior === "allow" ? "approve" : "deny",
            ...(reason !== undefined && { reason })
          }
    return [{ type: "answer", requestId: requestIdOf(response.request_id), response: answer }]
  }

  const fromAgent = (message: Message): ReadonlyArray<Cue> => {
    switch (message.type) {
      case "stream_event":
        return streamEvent(message.event, message)
      case "assistant":
        // What Claude Code says of an API error is the turn's error, and comes again with the result.
        return message.is_api_error_message === true ? [] : wholeBlocks(message.message)
      case "user":
        return typeof message.message.content === "string" ? [] : message.message.content.flatMap(toolResult)
      case "control_request":
        return message.request.subtype === "can_use_tool"
          ? permission(message.request_id, message.request)
          : []
      case "system":
        return system(message)
      case "result":
        running = false
        return emit(turnEnd(message))
      default:
        return []
    }
  }

  const retried = (reason: string): ReadonlyArray<Cue> => {
    abandoned = false
    return emit({ type: "step.retried", reason })
  }

  const ifAbandoned = (): ReadonlyArray<Cue> => (abandoned ? retried("The model's answer broke off.") : [])

  const system = ({ content, error, session_id, subtype }: Message): ReadonlyArray<Cue> => {
    switch (subtype) {
      case "init":
        return emit({
          type: "session.started",
          ...(session_id !== undefined && { providerThreadId: session_id })
        })
      case "api_retry":
        return retried(error ?? "unknown")
      case "informational":
        return emit({ type: "notice", level: "info", text: content ?? "" })
      default:
        return []
    }
  }

  const streamEvent = (event: StreamEvent, envelope: Message): ReadonlyArray<Cue> => {
    // An answer may begin inside another one: a block belongs to the answer that its line names.
    const id = envelope.api_message_id ?? answerId
    switch (event.type) {
      case "message_start":
        answerId = event.message.id
        tokens = event.message.usage
        stopReason = undefined
        answers.set(answerId, new Map())
        return [...ifAbandoned(), ...emit({ type: "model.known", model: event.message.model })]
      case "content_block_start": {
        const block = event.content_block
        const kind =
          block.type === "thinking" ? "reasoning" : block.type === "tool_use" ? "tool-call" : "text"
        answers.get(id)?.set(event.index, { itemId: `${id}/${event.index}`, kind, block, complete: false })
        return []
      }
      case "content_block_delta": {
        const block = answers.get(id)?.get(event.index)
        return block === undefined ? [] : delta(block, event.delta)
      }
      case "message_delta":
        tokens = { ...tokens, ...event.usage }
        stopReason = event.delta.stop_reason
        return []
      case "message_stop":
        if (envelope.abandoned_blocks !== undefined) {
          abandoned = true
          return []
        }
        return emit({
          type: "step.finished",
          usage: usageOf(tokens),
          responseId: id,
          ...(stopReason !== undefined && { finishReason: stopReason })
        })
      default:
        return []
    }
  }

  /** Content blocks in full: of blocks that streamed, or of an answer that was fetched without streaming. */
  const wholeBlocks = ({ content, id }: Message["message"]): ReadonlyArray<Cue> => {
    const streamed = answers.get(id)
    const cues: Array<Cue> = streamed === undefined ? [...ifAbandoned()] : []
    for (const [position, block] of (typeof content === "string"
      ? [{ type: "text", text: content }]
      : content
    ).entries()) {
      if (block.type === "tool_use") {
        cues.push(...emit(toolCall(block.id!, block.name!, block.input ?? {})))
        continue
      }
      const kind = block.type === "thinking" ? "reasoning" : "text"
      const known = [...(streamed?.values() ?? [])].find((one) => one.kind === kind && !one.complete)
      if (known !== undefined) known.complete = true
      const itemId = known?.itemId ?? `${id}/whole/${position}`
      cues.push(...emit({ type: "text.completed", kind, itemId, text: block.text ?? block.thinking ?? "" }))
    }
    return cues
  }

  const toolResult = ({ content, is_error, tool_use_id, type }: Block): ReadonlyArray<Cue> =>
    type !== "tool_result"
      ? []
      : emit({
          type: "tool-call.completed",
          toolCallId: ToolCallId.make(tool_use_id!),
          status: denied.has(tool_use_id!) ? "denied" : is_error === true ? "error" : "completed",
          result: content ?? null
        })

  const permission = (id: string, question: ToolQuestion): ReadonlyArray<Cue> => {
    asked.set(id, question)
    const { description, input, tool_name, tool_use_id } = question
    const isQuestion = tool_name === "AskUserQuestion"
    const questions = isQuestion ? (input.questions as unknown as ReadonlyArray<UserQuestion>) : []
    return emit(toolCall(tool_use_id, tool_name, input), {
      type: "request.opened",
      requestId: requestIdOf(id),
      kind: isQuestion ? "input" : "approval",
      toolCallId: ToolCallId.make(tool_use_id),
      title: isQuestion ? questions.map(({ question }) => question).join(" ") : (description ?? tool_name),
      questions: questions.map(({ options, question }) => ({
        id: question,
        question,
        options: options.map(({ label }) => label)
      }))
    })
  }

  return {
    line: ({ from, message }: Line) => {
      if (typeof message === "string") return unreadable
      return from === "client" ? fromClient(message as Message) : fromAgent(message as Message)
    },
    end: () => (running ? emit({ type: "session.exited" }) : [])
  }
}

interface UserQuestion {
  readonly question: string
  readonly options: ReadonlyArray<{ readonly label: string }>
}

const textOf = (content: ReadonlyArray<Block> | string): string =>
  typeof content === "string" ? content : content.map((block) => block.text ?? "").join("")

const toolCall = (id: string, name: string, input: Json): ProviderRuntimeEvent => ({
  type: "tool-call.started",
  toolCallId: ToolCallId.make(id),
  name,
  input
})

const delta = ({ block, itemId, kind }: Streaming, delta: StreamEvent["delta"]): ReadonlyArray<Cue> => {
  switch (delta.type) {
    case "text_delta":
    case "thinking_delta":
      return kind === "tool-call"
        ? []
        : emit({ type: "text.delta", kind, itemId, delta: delta.text ?? delta.thinking ?? "" })
    case "input_json_delta":
      return emit({
        type: "tool-call.input-delta",
        toolCallId: ToolCallId.make(block.id!),
        name: block.name!,
        delta: delta.partial_json ?? ""
      })
    default:
      return []
  }
}

const turnEnd = (result: Message): ProviderRuntimeEvent => {
  if (result.terminal_reason?.startsWith("aborted") === true) return { type: "turn.aborted" }
  if (result.is_error !== true) {
    return { type: "turn.completed", ...(result.stop_reason !== undefined && { reason: result.stop_reason }) }
  }
  return {
    type: "turn.failed",
    error: {
      code: result.api_error_type ?? result.subtype ?? "error",
      message: result.result ?? result.errors?.join(" ") ?? "Claude Code gave no reason."
    }
  }
}

const usageOf = (tokens: Tokens): Usage => ({
  ...(tokens.input_tokens !== undefined && { inputTokens: tokens.input_tokens }),
  ...(tokens.output_tokens !== undefined && { outputTokens: tokens.output_tokens }),
  ...(tokens.cache_read_input_tokens !== undefined && { cachedInputTokens: tokens.cache_read_input_tokens })
})
