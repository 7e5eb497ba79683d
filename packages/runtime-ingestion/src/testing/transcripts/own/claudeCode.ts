/** Transcripts of our own in the framing of Claude Code's stream-json. */
import type { Line } from "../Transcript.ts"

const client = (message: object): Line => ({ from: "client", message })
const agent = (message: object): Line => ({
  from: "agent",
  message: { session_id: "claude-session", ...message }
})

const prompt = (text: string) =>
  client({ type: "user", message: { role: "user", content: [{ type: "text", text }] } })
const result = (but: object = {}) =>
  agent({
    type: "result",
    subtype: "success",
    is_error: false,
    terminal_reason: "completed",
    stop_reason: "end_turn",
    ...but
  })

/** What one answer of the model streams. */
const answer = (id: string) => {
  const event = (event: object, but: object = {}) =>
    agent({ type: "stream_event", event, api_message_id: id, ...but })
  const begin = (index: number, block: object) =>
    event({ type: "content_block_start", index, content_block: block })
  const whole = (block: object) => agent({ type: "assistant", message: { id, content: [block] } })
  return {
    start: event({ type: "message_start", message: { id, model: "some-model", usage: { input_tokens: 3 } } }),
    text: (index: number, ...deltas: ReadonlyArray<string>) => [
      begin(index, { type: "text", text: "" }),
      ...deltas.map((text) =>
        event({ type: "content_block_delta", index, delta: { type: "text_delta", text } })
      )
    ],
    delta: (index: number, text: string) =>
      event({ type: "content_block_delta", index, delta: { type: "text_delta", text } }),
    tool: (index: number, id: string, json: string) => [
      begin(index, { type: "tool_use", id, name: "Bash", input: {} }),
      event({ type: "content_block_delta", index, delta: { type: "input_json_delta", partial_json: json } })
    ],
    whole,
    blockStop: (index: number) => event({ type: "content_block_stop", index }),
    stop: (stop_reason: string) => [
      event({ type: "message_delta", delta: { stop_reason }, usage: { output_tokens: 5 } }),
      event({ type: "message_stop" })
    ],
    abandon: event({ type: "message_stop" }, { abandoned_blocks: { from_block_index: 0 } })
  }
}

const a = answer("msg_a")
const b = answer("msg_b")

const toolResult = (id: string, content: string, is_error: boolean) =>
  agent({
    type: "user",
    message: { role: "user", content: [{ type: "tool_result", tool_use_id: id, content, is_error }] }
  })

const text = (text: string) => ({ type: "text", text })

/** An answer is given up in mid-text; it comes again, and that one is fetched whole. */
export const retries: ReadonlyArray<Line> = [
  prompt("tell me"),
  a.start,
  ...a.text(0, "The answer ", "is for"),
  a.blockStop(0),
  a.abandon,
  agent({ type: "system", subtype: "api_retry", attempt: 1, error: "unknown" }),
  b.start,
  ...b.text(0, "The ans"),
  b.blockStop(0),
  b.abandon,
  agent({ type: "assistant", message: { id: "msg_c", content: [text("The answer is forty-two.")] } }),
  result()
]

/** An answer is given up inside a call's arguments, and the same call comes again. */
export const retriedCall: ReadonlyArray<Line> = [
  prompt("run it"),
  a.start,
  ...a.tool(0, "toolu_1", `{"comm`),
  a.abandon,
  agent({ type: "system", subtype: "api_retry", attempt: 1, error: "unknown" }),
  b.start,
  ...b.tool(0, "toolu_1", `{"command":"one"}`),
  b.whole({ type: "tool_use", id: "toolu_1", name: "Bash", input: { command: "one" } }),
  b.blockStop(0),
  ...b.stop("tool_use"),
  toolResult("toolu_1", "one", false),
  result()
]

/** Each block comes whole before it stops; a tool that is refused, and one that fails. */
export const wholeBeforeStop: ReadonlyArray<Line> = [
  prompt("run two"),
  a.start,
  ...a.text(0, "Running ", "both."),
  a.whole(text("Running both.")),
  a.blockStop(0),
  ...a.tool(1, "toolu_1", `{"command":"one"}`),
  a.whole({ type: "tool_use", id: "toolu_1", name: "Bash", input: { command: "one" } }),
  agent({
    type: "control_request",
    request_id: "0",
    request: { subtype: "can_use_tool", tool_name: "Bash", tool_use_id: "toolu_1", input: { command: "one" } }
  }),
  a.blockStop(1),
  ...a.tool(2, "toolu_2", `{"command":"two"}`),
  a.whole({ type: "tool_use", id: "toolu_2", name: "Bash", input: { command: "two" } }),
  a.blockStop(2),
  ...a.stop("tool_use"),
  client({
    type: "control_response",
    response: { request_id: "0", response: { behavior: "deny", message: "No." } }
  }),
  toolResult("toolu_1", "No.", true),
  toolResult("toolu_2", "two: not found", true),
  b.start,
  ...b.text(0, "Neither ran."),
  b.whole(text("Neither ran.")),
  b.blockStop(0),
  ...b.stop("end_turn"),
  result()
]

/** A second answer begins inside the first, and the first one goes on. */
export const answerInsideAnswer: ReadonlyArray<Line> = [
  prompt("two at once"),
  a.start,
  ...a.text(0, "first "),
  b.start,
  ...b.text(0, "second "),
  a.delta(0, "goes on"),
  b.delta(0, "does too"),
  a.whole(text("first goes on")),
  a.blockStop(0),
  b.whole(text("second does too")),
  b.blockStop(0),
  ...b.stop("end_turn"),
  result()
]

/** A failed turn is told as a success, with an error flag; its error is said once more as if the model had. */
export const failedSuccess: ReadonlyArray<Line> = [
  prompt("tell me"),
  agent({ type: "system", subtype: "api_retry", attempt: 1, error: "server_error" }),
  agent({
    type: "assistant",
    message: { id: "made-up", content: [text("API Error: 500")] },
    is_api_error_message: true
  }),
  result({ is_error: true, result: "API Error: 500", api_error_type: "server_error" })
]
