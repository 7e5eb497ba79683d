/** A tool that a runtime runs itself when a model calls it. */
import type { FlexibleSchema } from "../ai-sdk/sdkTypes.ts"

export interface ToolCallContext {
  readonly toolCallId: string
  /** Aborted when the turn is interrupted or its session ends. */
  readonly abortSignal: AbortSignal
  /** W3C `traceparent` of the call's span, for requests that the tool sends; absent where turns are not traced. */
  readonly traceparent?: string
}

export interface Tool<Input = never> {
  readonly name: string
  /** Tells the model what the tool does and when to use it. */
  readonly description: string
  /** Zod, a Standard Schema that knows its JSON Schema, or `jsonSchema()` of the AI SDK. Inputs that don't fit never reach `execute`. */
  readonly inputSchema: FlexibleSchema<Input>
  /** A person is asked before the tool runs. */
  readonly needsApproval?: boolean | ((input: Input) => boolean | Promise<boolean>)
  /**
   * Does the work. What it returns is the result; a result that is no JSON is made so, `undefined` becomes `null`. A generator's
   * yields are shown as the tool's output while it runs, what it returns is the result. Whatever it throws is told to the model.
   */
  readonly execute: (input: Input, context: ToolCallContext) => Promise<unknown> | ToolOutput
}

export type ToolOutput = AsyncIterator<string, unknown> & AsyncIterable<string, unknown>

/** Tools of all inputs side by side. */
// oxlint-disable-next-line typescript/no-explicit-any -- an input is checked against the tool's own schema before it gets there
export type AnyTool = Tool<any>
