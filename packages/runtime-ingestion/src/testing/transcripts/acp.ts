/**
 * The Agent Client Protocol, as Claude, Gemini and OpenCode speak it: chunks of text without a beginning or an end, tool calls in pieces
 * that may come in any order, and a turn that ends with the answer to its prompt, if it is ever answered.
 */
import { type ProviderRuntimeEvent, RequestId, type RequestResponse, ToolCallId } from "@spillway/contracts"
import type { Schema } from "effect"
import { type Cue, emit, type Line, type MakeTranslator, unreadable } from "./Transcript.ts"

type Json = Schema.Json

interface ToolCallUpdate {
  readonly toolCallId: string
  readonly name?: string
  readonly title?: string
  readonly kind?: string
  readonly status?: "pending" | "in_progress" | "completed" | "failed"
  readonly rawInput?: { readonly [key: string]: Json }
  readonly rawOutput?: Json
  readonly content?: ReadonlyArray<{ readonly content?: { readonly text?: string } }>
}

interface Update extends ToolCallUpdate {
  readonly sessionUpdate: string
  readonly messageId?: string
  readonly content: ToolCallUpdate["content"] & { readonly text?: string }
}

interface Property {
  readonly title?: string
  readonly oneOf?: ReadonlyArray<{ readonly const: string }>
}

interface Params {
  readonly sessionId: string
  readonly update: Update
  readonly prompt: ReadonlyArray<{ readonly text?: string }>
  readonly toolCall: ToolCallUpdate
  readonly options: ReadonlyArray<{ readonly optionId: string; readonly kind: string }>
  readonly toolCallId?: string
  readonly message: string
  readonly requestedSchema: { readonly properties: Record<string, Property> }
}

interface Message {
  readonly id?: number | string
  readonly method?: string
  readonly params?: Params
  readonly result?: {
    readonly stopReason?: string
    readonly outcome?: { readonly outcome: string; readonly optionId?: string }
    readonly action?: string
    readonly content?: Record<string, string>
  }
  readonly error?: { readonly code: number; readonly message: string }
}

/** What is known of a call so far. */
interface Call {
  name: string
  input: { readonly [key: string]: Json }
  started: boolean
  /** A person said no, and the agent has not said what became of the call. */
  refused: boolean
  done: boolean
  /** What it printed, as far as it was told. */
  output: string
}

export const acp: MakeTranslator = ({ connection, session }) => {
  const asked = new Map<
    number | string,
    { readonly toolCallId: string | undefined; readonly options: Params["options"] }
  >()
  const calls = new Map<string, Call>()
  /** An unbroken run of chunks of one kind and one message is an item. */
  let run = { key: "", count: 0 }
  let promptId: number | string | undefined

  const requestIdOf = (id: number | string) => RequestId.make(`${connection}/${id}`)
  const isOurs = (params: Params | undefined) => session === undefined || params?.sessionId === session

  const fromClient = ({ id, method, params, result }: Message): ReadonlyArray<Cue> => {
    if (method === undefined && id !== undefined && result !== undefined) return answer(id, result)
    if (!isOurs(params)) return []
    switch (method) {
      case "session/prompt":
        promptId = id
        calls.clear()
        return [{ type: "prompt", text: params!.prompt.map((part) => part.text ?? "").join("") }]
      case "session/cancel":
        return [{ type: "interrupt" }]
      default:
        return []
    }
  }

  const fromAgent = ({ error, id, method, params, result }: Message): ReadonlyArray<Cue> => {
    if (method === undefined) {
      if (id === undefined || id !== promptId) return []
      promptId = undefined
      return [...settle(), ...emit(turnEnd(result, error))]
    }
    if (params === undefined || !isOurs(params)) return []
    switch (method) {
      case "session/update":
        return update(params.update)
      case "session/request_permission":
        asked.set(id!, { toolCallId: params.toolCall.toolCallId, options: params.options })
        return [
          ...settle(params.toolCall.toolCallId),
          // The call may be seen here for the first time.
          ...start(params.toolCall.toolCallId, merged(params.toolCall)),
          ...emit({
            type: "request.opened",
            requestId: requestIdOf(id!),
            kind: "approval",
            toolCallId: ToolCallId.make(params.toolCall.toolCallId),
            title: params.toolCall.title ?? "Allow this?"
          })
        ]
      case "elicitation/create":
        return elicitation(id!, params)
      default:
        return []
    }
  }

  const update = (update: Update): ReadonlyArray<Cue> => {
    switch (update.sessionUpdate) {
      case "agent_message_chunk":
        return [...settle(), ...chunk("text", update)]
      case "agent_thought_chunk":
        return [...settle(), ...chunk("reasoning", update)]
      case "tool_call":
      case "tool_call_update":
        return [...settle(update.toolCallId), ...toolCall(update)]
      default:
        return []
    }
  }

  const chunk = (kind: "text" | "reasoning", { content, messageId = "" }: Update): ReadonlyArray<Cue> => {
    const key = `${kind}/${messageId}`
    if (run.key !== key) run = { key, count: run.count + 1 }
    return emit({ type: "text.delta", kind, itemId: `${run.count}/${messageId}`, delta: content.text ?? "" })
  }

  /** What is known of a call once this piece is added, whichever piece it is. */
  const merged = ({ kind, name, rawInput, title, toolCallId }: ToolCallUpdate): Call => {
    run = { key: "", count: run.count }
    const call = calls.get(toolCallId) ?? {
      name: name ?? kind ?? title ?? "tool",
      input: title === undefined ? {} : { title },
      started: false,
      refused: false,
      done: false,
      output: ""
    }
    if (rawInput !== undefined && Object.keys(rawInput).length > 0) call.input = rawInput
    calls.set(toolCallId, call)
    return call
  }

  const start = (id: string, call: Call): ReadonlyArray<Cue> => {
    if (call.started) return []
    call.started = true
    return emit({
      type: "tool-call.started",
      toolCallId: ToolCallId.make(id),
      name: call.name,
      input: call.input
    })
  }

  const toolCall = (update: Update): ReadonlyArray<Cue> => {
    const { rawInput, rawOutput, sessionUpdate, status, toolCallId } = update
    const call = merged(update)
    const text = update.content?.map((part) => part.content?.text ?? "").join("")
    const toolCall = ToolCallId.make(toolCallId)
    switch (status) {
      case "completed":
      case "failed":
        if (call.done) return []
        call.done = true
        return [
          ...start(toolCallId, call),
          ...emit({
            type: "tool-call.completed",
            toolCallId: toolCall,
            status: status === "completed" ? "completed" : call.refused ? "denied" : "error",
            result: rawOutput ?? text ?? null
          })
        ]
      case "in_progress": {
        // An update tells all of the output so far; what `tool_call` itself says is a description.
        const grown =
          sessionUpdate === "tool_call_update" && text !== undefined && text.startsWith(call.output)
        const delta = grown ? text.slice(call.output.length) : ""
        call.output += delta
        return [
          ...start(toolCallId, call),
          ...(delta === "" ? [] : emit({ type: "tool-call.output-delta", toolCallId: toolCall, delta }))
        ]
      }
      default:
        // The input comes in pieces until something else is said.
        return sessionUpdate === "tool_call" || rawInput !== undefined ? [] : start(toolCallId, call)
    }
  }

  /** Something else is said: inputs are complete, and calls that were refused will not run. */
  const settle = (but?: string): ReadonlyArray<Cue> =>
    [...calls].flatMap(([id, call]) => {
      if (id === but || call.done) return []
      const cues = start(id, call)
      if (!call.refused) return cues
      call.done = true
      return [
        ...cues,
        ...emit({ type: "tool-call.completed", toolCallId: ToolCallId.make(id), status: "denied" })
      ]
    })

  const elicitation = (
    id: number | string,
    { message, requestedSchema, toolCallId }: Params
  ): ReadonlyArray<Cue> => {
    asked.set(id, { toolCallId, options: [] })
    const call = toolCallId === undefined ? undefined : calls.get(toolCallId)
    return [
      ...(call === undefined ? [] : start(toolCallId!, call)),
      ...emit({
        type: "request.opened",
        requestId: requestIdOf(id),
        kind: "input",
        title: message,
        ...(toolCallId !== undefined && { toolCallId: ToolCallId.make(toolCallId) }),
        questions: Object.entries(requestedSchema.properties).map(([id, { oneOf, title }]) => ({
          id,
          question: title ?? id,
          ...(oneOf !== undefined && { options: oneOf.map((option) => option.const) })
        }))
      })
    ]
  }

  const answer = (id: number | string, result: NonNullable<Message["result"]>): ReadonlyArray<Cue> => {
    const request = asked.get(id)
    if (request === undefined) return []
    asked.delete(id)
    const requestId = requestIdOf(id)
    if (result.outcome === undefined) {
      return [{ type: "answer", requestId, response: { type: "input", answers: result.content ?? {} } }]
    }
    const chosen = request.options.find((option) => option.optionId === result.outcome?.optionId)
    const approved = chosen?.kind.startsWith("allow") === true
    const call = request.toolCallId === undefined ? undefined : calls.get(request.toolCallId)
    if (call !== undefined) call.refused = !approved
    const response: RequestResponse = { type: "approval", decision: approved ? "approve" : "deny" }
    return [{ type: "answer", requestId, response }]
  }

  return {
    line: ({ from, message }: Line) => {
      if (typeof message === "string") return unreadable
      return from === "client" ? fromClient(message as Message) : fromAgent(message as Message)
    },
    end: () => (promptId === undefined ? [] : [...settle(), ...emit({ type: "session.exited" })])
  }
}

const turnEnd = (result: Message["result"], error: Message["error"]): ProviderRuntimeEvent => {
  if (error !== undefined) {
    return { type: "turn.failed", error: { code: `Acp${error.code}`, message: error.message } }
  }
  if (result?.stopReason === "cancelled") return { type: "turn.aborted" }
  return { type: "turn.completed", ...(result?.stopReason !== undefined && { reason: result.stopReason }) }
}
