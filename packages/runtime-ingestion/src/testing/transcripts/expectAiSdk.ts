import { type Expect, type ExpectedTurn, joined, turnsOf } from "./ExpectedTurn.ts"
import type { Line } from "./Transcript.ts"

interface Part {
  readonly type?: string
  readonly text?: string
  readonly toolCallId?: string
  readonly output?: unknown
  readonly thrown?: string
}

const kinds: Record<string, string> = {
  "text-delta": "text",
  "reasoning-delta": "reasoning",
  "tool-call": "call"
}

/** The stream ends in `finish`, in `abort`, by throwing, or not at all; an `error` on the way fails it. */
export const expectAiSdk: Expect = (lines) =>
  turnsOf(lines, ({ message }) => (message as Part).type === "start").map(expectTurn)

const expectTurn = (lines: ReadonlyArray<Line>): ExpectedTurn => {
  const parts = lines.map(({ message }) => message as Part)
  const failed = parts.some(({ thrown, type }) => type === "error" || thrown !== undefined)
  const finished = parts.some(({ type }) => type === "finish")
  const lastStep = parts.slice(parts.findLastIndex(({ type }) => type === "start-step"))
  const open = lastStep.flatMap(({ text, type }) => (type === "text-delta" ? [text] : [])).join("")
  return {
    outcome: failed ? "failed" : finished ? "completed" : "interrupted",
    said: joined(
      parts.flatMap(({ text, toolCallId, type }) => {
        const kind = kinds[type ?? ""]
        return kind === undefined ? [] : [[kind, (kind === "call" ? toolCallId : text) ?? ""] as const]
      })
    ),
    broken:
      (failed || !finished) && open !== "" ? [{ status: failed ? "error" : "interrupted", text: open }] : [],
    calls: parts
      .filter(({ type }) => type === "tool-call")
      .map(({ toolCallId }) => {
        const result = parts.find((part) => part.type === "tool-result" && part.toolCallId === toolCallId)
        return {
          id: toolCallId!,
          status: result === undefined ? ("error" as const) : ("completed" as const),
          result: result?.output,
          output: ""
        }
      }),
    requests: parts.filter(({ type }) => type === "tool-approval-request").map(() => "withdrawn")
  }
}
