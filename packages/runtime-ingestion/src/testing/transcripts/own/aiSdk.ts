/** Transcripts of our own in the framing of the AI SDK's fullStream. */
import type { Line } from "../Transcript.ts"

const lines = (...parts: ReadonlyArray<object>): ReadonlyArray<Line> =>
  parts.map((message) => ({ from: "agent", message }))

const delta = (text: string) => ({ type: "text-delta", id: "txt-0", text })
const finishStep = (finishReason: string) => ({
  type: "finish-step",
  finishReason,
  usage: { outputTokens: 5 }
})

/** The connection is cut: the stream throws in the middle of an open text part. */
export const cut = lines(
  { type: "start" },
  { type: "start-step" },
  { type: "text-start", id: "txt-0" },
  delta("This stream "),
  delta("will sto"),
  { thrown: "AI_APICallError", message: "Failed to process successful response" }
)

/** The provider answers 500: a start, an error, and no finish. */
export const httpError = lines(
  { type: "start" },
  { type: "start-step" },
  { type: "error", error: { name: "AI_RetryError", message: "Failed after 2 attempts." } }
)

/** A text ends after the input of a tool began. */
export const lateTextEnd = lines(
  { type: "start" },
  { type: "start-step" },
  { type: "text-start", id: "txt-0" },
  delta("Running it."),
  { type: "tool-input-start", id: "call_1", toolName: "shell" },
  { type: "tool-input-delta", id: "call_1", delta: `{"command"` },
  { type: "tool-input-delta", id: "call_1", delta: `:"echo hi"}` },
  { type: "text-end", id: "txt-0" },
  { type: "tool-input-end", id: "call_1" },
  { type: "tool-call", toolCallId: "call_1", toolName: "shell", input: { command: "echo hi" } },
  { type: "tool-result", toolCallId: "call_1", output: "hi" },
  finishStep("tool-calls"),
  { type: "start-step" },
  { type: "text-start", id: "txt-0" },
  delta("Done."),
  { type: "text-end", id: "txt-0" },
  finishStep("stop"),
  { type: "finish", finishReason: "stop" }
)

/** A model call that is answered with nothing at all. */
export const refusal = lines({ type: "start" }, { type: "start-step" }, finishStep("content-filter"), {
  type: "finish",
  finishReason: "content-filter"
})
