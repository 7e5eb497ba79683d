import type { Failure } from "../Turn.ts"

/** What a generator threw, as the turn's failure: its `code`, else its name, and its message. */
export const failureOf = (error: unknown): Failure => {
  if (!(error instanceof Error)) return { code: "RuntimeFailed", message: String(error) }
  const { code, retryable } = error as { readonly code?: unknown; readonly retryable?: unknown }
  return {
    code: typeof code === "string" ? code : error.name === "Error" ? "RuntimeFailed" : error.name,
    message: error.message === "" ? "The runtime failed and gave no reason." : error.message,
    ...(typeof retryable === "boolean" ? { retryable } : {})
  }
}
