import type { ToolCallClosing } from "@spillway/contracts"
import { type Expect, type ExpectedTurn, joined, turnsOf } from "./ExpectedTurn.ts"
import type { Line } from "./Transcript.ts"

interface ToolCall {
  readonly toolCallId: string
  readonly status?: string
  readonly rawOutput?: unknown
}

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: {
    readonly update?: ToolCall & { readonly sessionUpdate: string; readonly content?: unknown }
    readonly toolCall?: ToolCall
    readonly options?: ReadonlyArray<{ readonly optionId: string; readonly kind: string }>
  }
  readonly result?: { readonly stopReason?: string; readonly outcome?: { readonly optionId?: string } }
  readonly error?: unknown
}

const kinds: Record<string, string> = { agent_message_chunk: "text", agent_thought_chunk: "reasoning" }

/** There is no final text: what was said is the chunks, joined. */
export const expectAcp: Expect = (lines) =>
  turnsOf(
    lines,
    ({ from, message }) => from === "client" && (message as Message).method === "session/prompt"
  ).map(expectTurn)

const expectTurn = (lines: ReadonlyArray<Line>): ExpectedTurn => {
  const from = (side: Line["from"]) =>
    lines.flatMap((line) =>
      line.from === side && typeof line.message !== "string" ? [line.message as Message] : []
    )
  const messages = from("agent")
  const answers = from("client").filter(({ method }) => method === undefined)
  const end = messages.find(({ id, method }) => method === undefined && id === from("client")[0]!.id)
  const asked = messages.filter(({ id, method }) => method !== undefined && id !== undefined)
  const answerTo = (request: Message) => answers.find(({ id }) => id === request.id)

  const mentions = messages.flatMap(({ params }) => {
    const call = params?.update ?? params?.toolCall
    return call?.toolCallId === undefined ? [] : [call]
  })
  const callIds = [...new Set(mentions.map((call) => call.toolCallId))]
  const isRefused = (callId: string) =>
    asked.some((request) => {
      if (request.params?.toolCall?.toolCallId !== callId) return false
      const answer = answerTo(request)
      const chosen = request.params.options?.find(
        ({ optionId }) => optionId === answer?.result?.outcome?.optionId
      )
      return answer !== undefined && chosen?.kind.startsWith("allow") !== true
    })

  const cancelled = end === undefined || end.result?.stopReason === "cancelled"
  const outcome = cancelled ? "interrupted" : end.error === undefined ? "completed" : "failed"
  const lastResult = messages.findLastIndex(({ params }) => isEnd(params?.update?.status))
  const lastText = messages
    .slice(lastResult + 1)
    .flatMap(({ params }) =>
      params?.update?.sessionUpdate === "agent_message_chunk" ? [textOf(params.update.content)] : []
    )
    .join("")

  return {
    outcome,
    said: joined(
      messages.flatMap(({ params }) => {
        const kind = kinds[params?.update?.sessionUpdate ?? ""]
        if (kind !== undefined) return [[kind, textOf(params!.update!.content)] as const]
        const id = params?.update?.toolCallId ?? params?.toolCall?.toolCallId
        const isFirst =
          id !== undefined &&
          mentions.find((call) => call.toolCallId === id) === (params?.update ?? params?.toolCall)
        return isFirst ? [["call", id] as const] : []
      })
    ),
    // Nothing marks the end of a message but tool results and the end of the turn.
    broken:
      outcome === "completed" || lastText === ""
        ? []
        : [{ status: outcome === "failed" ? "error" : "interrupted", text: lastText }],
    calls: callIds.map((id) => {
      const updates = messages.flatMap(({ params }) =>
        params?.update?.toolCallId === id ? [params.update] : []
      )
      const last = updates.findLast(({ status }) => isEnd(status))
      const printed = updates.findLast(
        ({ content, sessionUpdate, status }) =>
          status === "in_progress" && sessionUpdate === "tool_call_update" && content !== undefined
      )
      const status: ToolCallClosing =
        last?.status === "completed" ? "completed" : isRefused(id) ? "denied" : "error"
      return {
        id,
        status,
        result: last && (last.rawOutput ?? textOf(last.content)),
        output: textOf(printed?.content)
      }
    }),
    requests: asked.map((request) => (answerTo(request) === undefined ? "withdrawn" : "resolved"))
  }
}

const isEnd = (status: string | undefined) => status === "completed" || status === "failed"

const textOf = (content: unknown): string => {
  if (Array.isArray(content))
    return content.map((part: { content?: unknown }) => textOf(part.content)).join("")
  return (content as { text?: string } | undefined)?.text ?? ""
}
