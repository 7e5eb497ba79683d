/** Transcripts of our own in the framing of the Agent Client Protocol. */
import type { Line } from "../Transcript.ts"

const client = (message: object): Line => ({ from: "client", message: { jsonrpc: "2.0", ...message } })
const agent = (message: object): Line => ({ from: "agent", message: { jsonrpc: "2.0", ...message } })

const session = (sessionId: string, promptId: number) => {
  const update = (update: object) => agent({ method: "session/update", params: { sessionId, update } })
  return {
    prompt: (text: string) =>
      client({
        id: promptId,
        method: "session/prompt",
        params: { sessionId, prompt: [{ type: "text", text }] }
      }),
    text: (text: string, messageId?: string) =>
      update({
        sessionUpdate: "agent_message_chunk",
        content: { type: "text", text },
        ...(messageId !== undefined && { messageId })
      }),
    tool: (toolCallId: string, but: object = {}) =>
      update({ sessionUpdate: "tool_call", toolCallId, kind: "execute", ...but }),
    toolUpdate: (toolCallId: string, but: object) =>
      update({ sessionUpdate: "tool_call_update", toolCallId, ...but }),
    permission: (id: number, toolCallId: string) =>
      agent({
        id,
        method: "session/request_permission",
        params: {
          sessionId,
          toolCall: { toolCallId, kind: "execute", status: "pending", title: "echo hi" },
          options: [
            { optionId: "yes", kind: "allow_once" },
            { optionId: "no", kind: "reject_once" }
          ]
        }
      }),
    answer: (id: number, optionId: "yes" | "no") =>
      client({ id, result: { outcome: { outcome: "selected", optionId } } }),
    end: (stopReason: string) => agent({ id: promptId, result: { stopReason } }),
    fail: (message: string) => agent({ id: promptId, error: { code: -32603, message } })
  }
}

const only = session("acp-session", 3)

/** The first request of a connection has the id 0, in each connection again. */
export const permissionZero: ReadonlyArray<Line> = [
  only.prompt("write it"),
  only.tool("call_1", { rawInput: { command: "echo hi" } }),
  only.permission(0, "call_1"),
  only.answer(0, "yes"),
  only.toolUpdate("call_1", { status: "completed", rawOutput: "hi" }),
  only.text("Written."),
  only.end("end_turn")
]

/** One call is first heard of in a request; one by its update, and begins after that; one is refused, and no more is said of it. */
export const callsOutOfOrder: ReadonlyArray<Line> = [
  only.prompt("write it"),
  only.text("Writing."),
  only.permission(0, "call_asked"),
  only.answer(0, "yes"),
  only.toolUpdate("call_asked", {
    status: "completed",
    content: [{ type: "content", content: { type: "text", text: "hi" } }]
  }),
  only.toolUpdate("call_updated", { status: "in_progress", rawInput: { command: "echo two" } }),
  only.tool("call_updated", { rawInput: {}, status: "pending" }),
  only.toolUpdate("call_updated", { status: "failed", rawOutput: { error: "no" } }),
  only.toolUpdate("call_updated", { status: "failed", rawOutput: { error: "no" } }),
  only.permission(1, "call_refused"),
  only.answer(1, "no"),
  only.text("Done."),
  only.end("end_turn")
]

/** The connection is cut in the middle of a text. */
export const cut: ReadonlyArray<Line> = [
  only.prompt("tell me"),
  only.text("This will sto"),
  only.fail("terminated")
]

/** The prompt is never answered: the stream just stops, with a call still running. */
export const noEnd: ReadonlyArray<Line> = [
  only.prompt("tell me"),
  only.text("Let me look."),
  only.tool("call_1", { rawInput: { command: "sleep 9" }, status: "in_progress" })
]

/** A message id for each chunk, and chunks without one. */
export const rotatingIds: ReadonlyArray<Line> = [
  only.prompt("tell me"),
  only.text("one ", "a"),
  only.text("text ", "b"),
  only.text("only"),
  only.end("end_turn")
]

const here = session("here", 3)
const there = session("there", 4)

/** One connection, two sessions. */
export const bus: ReadonlyArray<Line> = [
  here.prompt("here"),
  there.prompt("there"),
  here.text("I am "),
  there.text("You are "),
  there.tool("call_1", { rawInput: { command: "pwd" }, status: "in_progress" }),
  here.text("here."),
  here.permission(0, "call_1"),
  there.toolUpdate("call_1", { status: "completed", rawOutput: "/there" }),
  there.text("there."),
  there.end("end_turn"),
  here.answer(0, "no"),
  here.end("refusal")
]
