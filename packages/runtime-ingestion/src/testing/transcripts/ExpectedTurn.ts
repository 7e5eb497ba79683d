/**
 * What a thread must show of a turn, read off the transcript by the agent's own final words where it gives them. It shares no code with
 * the translators: what one of them gets wrong, the other does not.
 */
import type { MessageClosing, ToolCallClosing, TurnOutcome, TurnView } from "@spillway/contracts"
import type { Line } from "./Transcript.ts"

export interface ExpectedTurn {
  readonly outcome: TurnOutcome
  /** Everything the assistant said and called, in order: `text: …`, `reasoning: …`, `call: id`. Neighbours of a kind are one. */
  readonly said: ReadonlyArray<string>
  /** What was said in messages that broke off, and how they closed. */
  readonly broken: ReadonlyArray<{ readonly status: MessageClosing; readonly text: string }>
  readonly calls: ReadonlyArray<{
    readonly id: string
    readonly status: ToolCallClosing
    /** `undefined` where the agent gave none. */
    readonly result: unknown
    readonly output: string
  }>
  /** `resolved` or `withdrawn`, in the order in which they were asked. */
  readonly requests: ReadonlyArray<string>
}

export type Expect = (lines: ReadonlyArray<Line>) => ReadonlyArray<ExpectedTurn>

/** Joins neighbours of a kind, and leaves out what is empty. */
export const joined = (
  pieces: ReadonlyArray<readonly [kind: string, text: string]>
): ReadonlyArray<string> => {
  const out: Array<[kind: string, text: string]> = []
  for (const [kind, text] of pieces) {
    const last = out.at(-1)
    if (text === "") continue
    if (kind !== "call" && last?.[0] === kind) last[1] += text
    else out.push([kind, text])
  }
  return out.map(([kind, text]) => `${kind}: ${text}`)
}

/** The lines from each that begins a turn up to the next one. */
export const turnsOf = (
  lines: ReadonlyArray<Line>,
  begins: (line: Line) => boolean
): ReadonlyArray<ReadonlyArray<Line>> => {
  const starts = lines.flatMap((line, index) => (begins(line) ? [index] : []))
  return starts.map((start, turn) => lines.slice(start, starts[turn + 1]))
}

/** What the thread shows of a turn, in the same words. */
export const shownTurn = (turn: TurnView): ExpectedTurn => {
  const messages = turn.messages.filter(
    (message) => message.role === "assistant" && message.status !== "discarded"
  )
  const parts = messages.flatMap((message) => message.parts)
  return {
    outcome: turn.status as TurnOutcome,
    said: joined(
      parts.map((part) => (part.type === "tool-call" ? ["call", part.toolCallId] : [part.type, part.text]))
    ),
    broken: messages.flatMap(({ parts, status }) => {
      const text = parts.map((part) => (part.type === "text" ? part.text : "")).join("")
      return status === "completed" || text === "" ? [] : [{ status: status as MessageClosing, text }]
    }),
    calls: parts.flatMap((part) =>
      part.type === "tool-call"
        ? [
            {
              id: part.toolCallId,
              status: part.status as ToolCallClosing,
              result: part.result ?? undefined,
              output: part.output
            }
          ]
        : []
    ),
    requests: turn.requests.map((request) => request.status)
  }
}
