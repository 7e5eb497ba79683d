/** Values that commands, events and views of a turn share. */
import { Schema } from "effect"
import { JsonObject } from "./Json.ts"

/** What to do with a turn start while another turn is active. */
export const IfBusy = Schema.Literals(["queue", "reject", "interrupt", "steer"])
export type IfBusy = typeof IfBusy.Type

export const TurnOutcome = Schema.Literals(["completed", "failed", "interrupted"])
export type TurnOutcome = typeof TurnOutcome.Type

/** What went wrong, for a person (`message`) and for a program (`code`). */
export const Failure = Schema.Struct({
  code: Schema.String,
  message: Schema.String,
  retryable: Schema.optionalKey(Schema.Boolean)
})
export type Failure = typeof Failure.Type

const Tokens = Schema.optionalKey(Schema.Finite)

/** Tokens of one model call, as the provider counted them; a count it did not give is absent. */
export const Usage = Schema.Struct({
  inputTokens: Tokens,
  outputTokens: Tokens,
  totalTokens: Tokens,
  reasoningTokens: Tokens,
  cachedInputTokens: Tokens
})
export type Usage = typeof Usage.Type

/** Which runtime and model a turn runs on. Absent fields are the server's choice. `options` is the runtime's own. */
export const RuntimeChoice = Schema.Struct({
  runtime: Schema.optionalKey(Schema.String),
  model: Schema.optionalKey(Schema.String),
  options: Schema.optionalKey(JsonObject)
})
export type RuntimeChoice = typeof RuntimeChoice.Type

export const MessageRole = Schema.Literals(["user", "system", "assistant"])
export type MessageRole = typeof MessageRole.Type

/** How an assistant message closed. One that stayed empty is `discarded` and never shown. */
export const MessageClosing = Schema.Literals(["completed", "interrupted", "error", "discarded"])
export type MessageClosing = typeof MessageClosing.Type

export const TextKind = Schema.Literals(["text", "reasoning"])
export type TextKind = typeof TextKind.Type

/** How a tool call closed. `denied`: a person said no. */
export const ToolCallClosing = Schema.Literals(["completed", "error", "denied"])
export type ToolCallClosing = typeof ToolCallClosing.Type
