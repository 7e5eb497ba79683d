/**
 * What a generator runtime yields: plain values, each made by the function of its name. They go to the thread in the order in which
 * they are yielded.
 */
import type { Failure, Usage } from "../Turn.ts"

export type RuntimeOutput =
  | { readonly type: "text" | "reasoning"; readonly delta: string }
  | {
      readonly type: "tool-input"
      readonly toolCallId: string
      readonly name: string
      readonly delta: string
    }
  | {
      readonly type: "tool-call"
      readonly toolCallId: string
      readonly name: string
      readonly input: unknown
    }
  | { readonly type: "tool-output"; readonly toolCallId: string; readonly delta: string }
  | { readonly type: "tool-result"; readonly toolCallId: string; readonly result: unknown }
  | { readonly type: "tool-error" | "tool-denied"; readonly toolCallId: string; readonly error: Failure }
  | ({ readonly type: "finish-step" } & StepFinish)
  | { readonly type: "notice"; readonly level: "info" | "warning" | "error"; readonly text: string }

export interface StepFinish {
  /** Tokens as the provider counted them. */
  readonly usage?: Usage
  /** The provider's word for why the model stopped. Unless said: `tool-calls` when the step called tools, else `stop`. */
  readonly finishReason?: string
  /** The provider's id of its answer. */
  readonly responseId?: string
}

/** The next piece of the assistant's text. Consecutive pieces are one part of the message. */
export const text = (delta: string): RuntimeOutput => ({ type: "text", delta })

/** The next piece of the model's reasoning. */
export const reasoning = (delta: string): RuntimeOutput => ({ type: "reasoning", delta })

/** The next piece of a tool call's input while the model still writes it: seen live, never in the log. */
export const toolInput = (piece: {
  readonly toolCallId: string
  readonly name: string
  readonly delta: string
}): RuntimeOutput => ({ type: "tool-input", ...piece })

/** A tool is called; its input is complete. The id names the call in its turn: printable ASCII without spaces. */
export const toolCall = (call: {
  readonly toolCallId: string
  readonly name: string
  readonly input: unknown
}): RuntimeOutput => ({ type: "tool-call", ...call })

/** What a tool prints while it runs. */
export const toolOutput = (piece: {
  readonly toolCallId: string
  readonly delta: string
}): RuntimeOutput => ({
  type: "tool-output",
  ...piece
})

/** A tool call's result. What JSON has no word for becomes `null`. */
export const toolResult = (outcome: {
  readonly toolCallId: string
  readonly result: unknown
}): RuntimeOutput => ({ type: "tool-result", ...outcome })

/** A tool call failed. A bare message gets the code `ToolFailed`. */
export const toolError = (outcome: {
  readonly toolCallId: string
  readonly error: string | Failure
}): RuntimeOutput => ({
  type: "tool-error",
  toolCallId: outcome.toolCallId,
  error: typeof outcome.error === "string" ? { code: "ToolFailed", message: outcome.error } : outcome.error
})

/** A person said no to a tool call. */
export const toolDenied = (outcome: {
  readonly toolCallId: string
  readonly reason?: string | undefined
}): RuntimeOutput => ({
  type: "tool-denied",
  toolCallId: outcome.toolCallId,
  error: {
    code: "ToolCallDenied",
    message:
      outcome.reason === undefined
        ? "The person who was asked denied this call."
        : `Denied: ${outcome.reason}`
  }
})

/**
 * The model's answer in this step is over; its tool calls may still run. Only needed to say what the provider said of it: a step that
 * is left open is finished by `nextStep()` and at the end.
 */
export const finishStep = (finish: StepFinish = {}): RuntimeOutput => ({ type: "finish-step", ...finish })

/** A remark for whoever looks at the turn. */
export const notice = (level: "info" | "warning" | "error", text: string): RuntimeOutput => ({
  type: "notice",
  level,
  text
})
