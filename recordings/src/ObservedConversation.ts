/** What somebody saw of a conversation: the oracle, a client's view, the read model, a fold of the log. */
import { Schema } from "effect"

export const ObservedToolCall = Schema.Struct({
  name: Schema.String,
  input: Schema.Json,
  /** The input was too large for the log, which kept the beginning of its JSON, as a string. The oracle keeps all. */
  inputTruncated: Schema.optionalKey(Schema.Boolean),
  /** A result that is not an error is there. */
  completed: Schema.Boolean
})
export type ObservedToolCall = typeof ObservedToolCall.Type

const Tokens = Schema.optionalKey(Schema.Finite)

/** One model call with the tool calls it asked for, in the order in which it asked for them. */
export const ObservedStep = Schema.Struct({
  /** All text parts of the step, joined. */
  text: Schema.String,
  /** All reasoning parts of the step, joined. */
  reasoning: Schema.String,
  toolCalls: Schema.Array(ObservedToolCall),
  /** Absent counts are counts the provider did not give. */
  usage: Schema.optionalKey(
    Schema.Struct({
      inputTokens: Tokens,
      outputTokens: Tokens,
      totalTokens: Tokens,
      reasoningTokens: Tokens,
      cachedInputTokens: Tokens
    })
  ),
  /** Absent where the answer broke off before the SDK could name one. */
  finishReason: Schema.optionalKey(Schema.String)
})
export type ObservedStep = typeof ObservedStep.Type

export const ObservedTurn = Schema.Struct({
  /** One a model call, also where the answer was an error and nothing else. */
  steps: Schema.Array(ObservedStep),
  failed: Schema.Boolean
})
export type ObservedTurn = typeof ObservedTurn.Type

export const ObservedConversation = Schema.Struct({ id: Schema.String, turns: Schema.Array(ObservedTurn) })
export type ObservedConversation = typeof ObservedConversation.Type

/** Text of nothing but whitespace is no text. */
export const shownText = (text: string): string => (text.trim() === "" ? "" : text)

/** What adds up over conversations. Characters are Unicode code points of text that is shown, without reasoning. */
export interface Totals {
  readonly turns: number
  readonly failed: number
  readonly characters: number
  readonly toolCalls: number
}

export const totals = (conversations: Iterable<ObservedConversation>): Totals => {
  let turns = 0
  let failed = 0
  let characters = 0
  let toolCalls = 0
  for (const conversation of conversations) {
    for (const turn of conversation.turns) {
      turns++
      if (turn.failed) failed++
      for (const step of turn.steps) {
        characters += codePoints(shownText(step.text))
        toolCalls += step.toolCalls.length
      }
    }
  }
  return { turns, failed, characters, toolCalls }
}

const codePoints = (text: string): number => {
  let count = 0
  for (const _ of text) count++
  return count
}
