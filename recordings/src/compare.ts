/** Sets what the oracle saw beside what somebody else saw of the same conversation. */
import { isDeepStrictEqual } from "node:util"
import type {
  ObservedConversation,
  ObservedStep,
  ObservedToolCall,
  ObservedTurn
} from "./ObservedConversation.ts"
import { shownText } from "./ObservedConversation.ts"

/** One thing that is not as the oracle saw it. */
export interface Mismatch {
  readonly conversation: string
  /** Where: `turn 1 step 0 text`; both counted from 0. */
  readonly at: string
  /** What the oracle saw and what was seen instead, cut to what helps to find the difference. */
  readonly expected: string
  readonly actual: string
}

/**
 * Every difference between two views of a conversation, in their order; none if they are equal.
 *
 * Four things count as equal although they differ, because the log keeps them so by design: NUL and lone surrogates are
 * U+FFFD, text of nothing but whitespace is no text, no usage is a usage without counts, and of an input too large for it the
 * log keeps the beginning. A finish reason is compared where the oracle saw one. A call that the SDK ran although its answer
 * held an error need not have run: of an answer that can't be trusted to its end nothing is done.
 */
export const compare = (
  oracle: ObservedConversation,
  observed: ObservedConversation
): ReadonlyArray<Mismatch> => {
  const mismatches: Array<Mismatch> = []
  const differ = (at: string, expected: unknown, actual: unknown) => {
    const [from, to] = [inLog(expected), inLog(actual)]
    if (isDeepStrictEqual(from, to)) return
    mismatches.push({ conversation: oracle.id, at, ...aroundDifference(from, to) })
  }
  differ("turns", oracle.turns.length, observed.turns.length)
  for (const [t, turn] of oracle.turns.entries()) {
    const other = observed.turns[t]
    if (other !== undefined) compareTurn(turn, other, (at, a, b) => differ(`turn ${t} ${at}`, a, b))
  }
  return mismatches
}

type Differ = (at: string, expected: unknown, actual: unknown) => void

const compareTurn = (oracle: ObservedTurn, observed: ObservedTurn, differ: Differ): void => {
  differ("failed", oracle.failed, observed.failed)
  differ("steps", oracle.steps.length, observed.steps.length)
  for (const [s, step] of oracle.steps.entries()) {
    const other = observed.steps[s]
    const isBroken = oracle.failed && s === oracle.steps.length - 1
    if (other !== undefined) compareStep(step, other, isBroken, (at, a, b) => differ(`step ${s} ${at}`, a, b))
  }
}

const compareStep = (
  oracle: ObservedStep,
  observed: ObservedStep,
  isBroken: boolean,
  differ: Differ
): void => {
  differ("text", shownText(oracle.text), shownText(observed.text))
  differ("reasoning", shownText(oracle.reasoning), shownText(observed.reasoning))
  differ("tool calls", oracle.toolCalls.length, observed.toolCalls.length)
  for (const [c, call] of oracle.toolCalls.entries()) {
    const other = observed.toolCalls[c]
    if (other === undefined) continue
    differ(`tool call ${c} name`, call.name, other.name)
    differ(`tool call ${c} input`, keptInput(call, other), other.input)
    if (!isBroken || other.completed) differ(`tool call ${c} completed`, call.completed, other.completed)
  }
  differ("usage", oracle.usage ?? {}, observed.usage ?? {})
  if (oracle.finishReason !== undefined) differ("finish reason", oracle.finishReason, observed.finishReason)
}

/** As much of the oracle's input as the log kept. */
const keptInput = (call: ObservedToolCall, observed: ObservedToolCall): unknown =>
  observed.inputTruncated === true && typeof observed.input === "string"
    ? JSON.stringify(inLog(call.input)).slice(0, observed.input.length)
    : call.input

/** A value as JSON in the log would hold it. */
const inLog = (value: unknown): unknown => {
  if (typeof value === "string") return value.toWellFormed().replaceAll("\0", "\uFFFD")
  if (typeof value === "number") return value + 0
  if (Array.isArray(value)) return value.map(inLog)
  if (typeof value !== "object" || value === null) return value
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(entries.map(([key, item]) => [inLog(key), inLog(item)]))
}

const excerptLength = 60

const aroundDifference = (expected: unknown, actual: unknown) => {
  const [a, b] = [JSON.stringify(expected) ?? "nothing", JSON.stringify(actual) ?? "nothing"]
  let at = 0
  while (at < a.length && a[at] === b[at]) at++
  const from = Math.max(0, at - excerptLength / 2)
  const excerpt = (text: string) => {
    const end = from + excerptLength
    return `${from > 0 ? "…" : ""}${text.slice(from, end)}${end < text.length ? "…" : ""}`
  }
  return { expected: excerpt(a), actual: excerpt(b) }
}
