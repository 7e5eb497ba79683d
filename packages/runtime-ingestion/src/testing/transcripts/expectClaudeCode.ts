import type { ToolCallClosing, TurnOutcome } from "@spillway/contracts"
import { type Expect, type ExpectedTurn, joined, turnsOf } from "./ExpectedTurn.ts"
import type { Line } from "./Transcript.ts"

interface Block {
  readonly type: string
  readonly text?: string
  readonly thinking?: string
  readonly id?: string
  readonly tool_use_id?: string
  readonly is_error?: boolean
  readonly content?: unknown
}

interface Message {
  readonly type: string
  readonly subtype?: string
  readonly event?: {
    readonly type: string
    readonly delta?: { readonly text?: string; readonly thinking?: string }
  }
  readonly api_message_id?: string
  readonly abandoned_blocks?: unknown
  readonly message?: { readonly content: ReadonlyArray<Block> }
  readonly is_api_error_message?: boolean
  readonly request_id?: string
  readonly request?: { readonly subtype: string; readonly tool_use_id: string }
  readonly response?: { readonly request_id: string; readonly response?: { readonly behavior?: string } }
  readonly is_error?: boolean
  readonly terminal_reason?: string
}

/** The `assistant` messages hold every block in full; an answer that was given up has only its deltas. */
export const expectClaudeCode: Expect = (lines) =>
  turnsOf(lines, ({ from, message }) => from === "client" && (message as Message).type === "user").map(
    expectTurn
  )

const expectTurn = (lines: ReadonlyArray<Line>): ExpectedTurn => {
  const from = (side: Line["from"]) =>
    lines.flatMap((line) =>
      line.from === side && typeof line.message !== "string" ? [line.message as Message] : []
    )
  const messages = from("agent")
  const answers = from("client").flatMap(({ response }) => (response === undefined ? [] : [response]))
  const deltas = (id: string | undefined) =>
    messages
      .filter(({ api_message_id, event }) => api_message_id === id && event?.delta !== undefined)
      .map(({ event }) => event!.delta!.text ?? "")
      .join("")
  const abandoned = messages.filter(({ abandoned_blocks }) => abandoned_blocks !== undefined)
  const blocks = messages.flatMap(({ is_api_error_message, message, type }) =>
    type === "assistant" && is_api_error_message !== true ? message!.content : []
  )
  const results = messages
    .filter(({ type }) => type === "user")
    .flatMap(({ message }) => message!.content)
    .filter((block) => block.type === "tool_result")
  const asked = messages.flatMap(({ request, request_id }) =>
    request?.subtype === "can_use_tool"
      ? [{ ...request, answer: answers.find((one) => one.request_id === request_id) }]
      : []
  )
  const result = messages.find(({ type }) => type === "result")

  return {
    outcome: outcomeOf(result),
    said: joined(
      messages.flatMap((message) => {
        if (message.abandoned_blocks !== undefined) return [["text", deltas(message.api_message_id)] as const]
        if (message.type !== "assistant" || message.is_api_error_message === true) return []
        return message.message!.content.map((block) => {
          if (block.type === "tool_use") return ["call", block.id!] as const
          return block.type === "thinking"
            ? (["reasoning", block.thinking!] as const)
            : (["text", block.text!] as const)
        })
      })
    ),
    broken: abandoned
      .filter(({ api_message_id }) => deltas(api_message_id) !== "")
      .map(({ api_message_id }) => ({ status: "interrupted", text: deltas(api_message_id) })),
    calls: blocks
      .filter((block) => block.type === "tool_use")
      .map(({ id }) => {
        const found = results.find((one) => one.tool_use_id === id)
        const refused = asked.some(
          (one) =>
            one.tool_use_id === id && one.answer !== undefined && one.answer.response?.behavior !== "allow"
        )
        const status: ToolCallClosing =
          found === undefined || found.is_error === true ? (refused ? "denied" : "error") : "completed"
        return { id: id!, status, result: found?.content, output: "" }
      }),
    requests: asked.map(({ answer }) => (answer === undefined ? "withdrawn" : "resolved"))
  }
}

const outcomeOf = (result: Message | undefined): TurnOutcome => {
  if (result === undefined || result.terminal_reason?.startsWith("aborted") === true) return "interrupted"
  return result.is_error === true ? "failed" : "completed"
}
