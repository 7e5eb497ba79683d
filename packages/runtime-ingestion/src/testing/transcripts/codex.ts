/** Codex app-server: JSON-RPC notifications about turns and items, and requests of the server's own, whose ids start at 0. */
import {
  type Failure,
  type ProviderRuntimeEvent,
  RequestId,
  type RequestResponse,
  ToolCallId
} from "@spillway/contracts"
import { type Cue, emit, type Line, type MakeTranslator, unreadable } from "./Transcript.ts"

interface Item {
  readonly id: string
  readonly type: string
  readonly text?: string
  readonly summary?: ReadonlyArray<string>
  readonly command?: string
  readonly cwd?: string
  readonly status?: "inProgress" | "completed" | "failed" | "declined"
  readonly aggregatedOutput?: string | null
  readonly exitCode?: number | null
}

interface TokenCount {
  readonly totalTokens: number
  readonly inputTokens: number
  readonly cachedInputTokens: number
  readonly outputTokens: number
  readonly reasoningOutputTokens: number
}

interface Params {
  readonly threadId: string
  readonly thread: { readonly id: string }
  readonly turn: {
    readonly id: string
    readonly status: string
    readonly error: { readonly message: string } | null
  }
  readonly item: Item
  readonly itemId: string
  readonly delta: string
  readonly summaryIndex: number
  readonly input: ReadonlyArray<{ readonly text?: string }>
  readonly reason?: string
  readonly command?: string
  readonly cwd?: string
  readonly message: string
  readonly error: { readonly message: string }
  readonly willRetry: boolean
  readonly tokenUsage: { readonly last: TokenCount }
  readonly questions: ReadonlyArray<{
    readonly id: string
    readonly question: string
    readonly options: ReadonlyArray<{ readonly label: string }> | null
  }>
}

interface Message {
  readonly id?: number | string
  readonly method?: string
  readonly params?: Params
  readonly result?: {
    readonly decision?: string
    readonly answers?: Record<string, { readonly answers: ReadonlyArray<string> }>
  }
}

/** A question of the server's that waits for the client. */
interface Asked {
  readonly requestId: RequestId
  readonly toolCallId: ToolCallId
  readonly kind: "approval" | "input"
}

export const codex: MakeTranslator = ({ connection, session }) => {
  const asked = new Map<number | string, Asked>()
  /** Agent messages of this turn that began and are not complete, by item id. */
  const writing = new Map<string, string>()
  let running = false
  let userMessages = 0

  const fromClient = ({ id, method, params, result }: Message): ReadonlyArray<Cue> => {
    const request = id === undefined || method !== undefined ? undefined : asked.get(id)
    if (request !== undefined && id !== undefined) {
      asked.delete(id)
      return answer(request, result)
    }
    if (params === undefined || (session !== undefined && params.threadId !== session)) return []
    const text = params.input?.map((part) => part.text ?? "").join("")
    switch (method) {
      case "turn/start":
        running = true
        userMessages = 0
        writing.clear()
        return [{ type: "prompt", text }]
      case "turn/steer":
        return [{ type: "steer", text }]
      case "turn/interrupt":
        return [{ type: "interrupt" }]
      default:
        return []
    }
  }

  const fromServer = ({ id, method, params }: Message): ReadonlyArray<Cue> => {
    if (params === undefined) return []
    const threadId = params.threadId ?? params.thread?.id
    if (session !== undefined && threadId !== session) return []
    switch (method) {
      case "thread/started":
        return emit({ type: "session.started", providerThreadId: threadId })
      case "turn/started":
        return emit({ type: "turn.started", runtimeTurnId: params.turn.id })
      case "item/started":
        return itemStarted(params.item)
      case "item/completed":
        return itemCompleted(params.item)
      case "item/agentMessage/delta":
        writing.set(params.itemId, (writing.get(params.itemId) ?? "") + params.delta)
        return emit({ type: "text.delta", kind: "text", itemId: params.itemId, delta: params.delta })
      case "item/reasoning/summaryTextDelta":
        return emit({
          type: "text.delta",
          kind: "reasoning",
          itemId: `${params.itemId}/${params.summaryIndex}`,
          delta: params.delta
        })
      case "item/commandExecution/outputDelta":
        return emit({
          type: "tool-call.output-delta",
          toolCallId: ToolCallId.make(params.itemId),
          delta: params.delta
        })
      case "item/commandExecution/requestApproval":
        return ask(id!, "approval", "shell", params)
      case "item/tool/requestUserInput":
        return ask(id!, "input", "request_user_input", params)
      case "thread/tokenUsage/updated":
        return emit({ type: "step.finished", usage: usageOf(params.tokenUsage.last) })
      case "error":
        if (!params.willRetry) return []
        // What was being written will not complete: the same text comes again under another id.
        writing.clear()
        return emit({ type: "step.retried", reason: params.error.message })
      case "warning":
        return emit({ type: "notice", level: "warning", text: params.message })
      case "turn/completed":
        running = false
        return emit(turnEnd(params.turn))
      default:
        return []
    }
  }

  const itemStarted = (item: Item): ReadonlyArray<Cue> => {
    switch (item.type) {
      case "agentMessage":
        writing.set(item.id, "")
        return []
      case "commandExecution":
        return emit({
          type: "tool-call.started",
          toolCallId: ToolCallId.make(item.id),
          name: "shell",
          input: shellInput(item)
        })
      case "userMessage":
        // The first one asked for the turn; one after it is a steer that the next model call takes in.
        return userMessages++ === 0 ? [] : [{ type: "open-step" }]
      default:
        return []
    }
  }

  const itemCompleted = (item: Item): ReadonlyArray<Cue> => {
    switch (item.type) {
      case "agentMessage": {
        const known = writing.delete(item.id)
        // Behind some proxies an item completes under an id that never began: it is what was written under the others.
        const rotated = !known && item.text !== "" && [...writing.values()].join("") === item.text
        if (rotated) writing.clear()
        return rotated
          ? []
          : emit({ type: "text.completed", kind: "text", itemId: item.id, text: item.text ?? "" })
      }
      case "reasoning":
        return emit(
          ...(item.summary ?? []).map((text, index): ProviderRuntimeEvent => {
            return { type: "text.completed", kind: "reasoning", itemId: `${item.id}/${index}`, text }
          })
        )
      case "commandExecution":
        return emit({
          type: "tool-call.completed",
          toolCallId: ToolCallId.make(item.id),
          name: "shell",
          input: shellInput(item),
          status: item.status === "declined" ? "denied" : item.status === "completed" ? "completed" : "error",
          // Commands may finish without any output delta, and deltas may lack the beginning: this is all of it.
          result: { output: item.aggregatedOutput ?? null, exitCode: item.exitCode ?? null }
        })
      default:
        return []
    }
  }

  const ask = (
    id: number | string,
    kind: Asked["kind"],
    name: string,
    params: Params
  ): ReadonlyArray<Cue> => {
    const requestId = RequestId.make(`${connection}/${id}`)
    const toolCallId = ToolCallId.make(params.itemId)
    asked.set(id, { requestId, toolCallId, kind })
    const questions = (params.questions ?? []).map(({ id, options, question }) => ({
      id,
      question,
      ...(options !== null && { options: options.map((option) => option.label) })
    }))
    return emit(
      // The call may be seen here for the first time; a second beginning does no harm.
      {
        type: "tool-call.started",
        toolCallId,
        name,
        input: kind === "approval" ? shellInput(params) : { questions }
      },
      {
        type: "request.opened",
        requestId,
        kind,
        toolCallId,
        title: params.reason ?? params.command ?? questions.map(({ question }) => question).join(" "),
        questions
      }
    )
  }

  const answer = ({ kind, requestId, toolCallId }: Asked, result: Message["result"]): ReadonlyArray<Cue> => {
    if (kind === "approval") {
      const decision = result?.decision?.startsWith("accept") === true ? "approve" : "deny"
      return [{ type: "answer", requestId, response: { type: "approval", decision } }]
    }
    const answers = Object.fromEntries(
      Object.entries(result?.answers ?? {}).map(([id, { answers }]) => [id, answers.join(", ")])
    )
    const response: RequestResponse = { type: "input", answers }
    // The server reports no item for a question: its call ends with the answer.
    return [
      { type: "answer", requestId, response },
      ...emit({ type: "tool-call.completed", toolCallId, status: "completed", result: answers })
    ]
  }

  return {
    line: ({ from, message }: Line) => {
      if (typeof message === "string") return unreadable
      return from === "client" ? fromClient(message as Message) : fromServer(message as Message)
    },
    end: () => (running ? emit({ type: "session.exited" }) : [])
  }
}

const shellInput = ({ command, cwd }: Pick<Item, "command" | "cwd">) => ({
  command: command ?? null,
  cwd: cwd ?? null
})

const turnEnd = ({ error, id, status }: Params["turn"]): ProviderRuntimeEvent => {
  if (status === "interrupted") return { type: "turn.aborted", runtimeTurnId: id }
  if (status !== "failed") return { type: "turn.completed", runtimeTurnId: id }
  const failure: Failure = { code: "CodexTurnFailed", message: error?.message ?? "Codex gave no reason." }
  return { type: "turn.failed", runtimeTurnId: id, error: failure }
}

const usageOf = (last: TokenCount) => ({
  inputTokens: last.inputTokens,
  outputTokens: last.outputTokens,
  totalTokens: last.totalTokens,
  reasoningTokens: last.reasoningOutputTokens,
  cachedInputTokens: last.cachedInputTokens
})
