/** Transcripts of our own in the framing of the Codex app-server: small, and each about one thing. */
import type { Line } from "../Transcript.ts"

const client = (message: object): Line => ({ from: "client", message })
const server = (message: object): Line => ({ from: "agent", message })
const told = (threadId: string, method: string, params: object): Line =>
  server({ method, params: { threadId, ...params } })

/** What a Codex thread says of one turn. */
export const codexTurn = (turnId: string, threadId = "codex-thread") => {
  const item = (method: string, item: object) => told(threadId, method, { turnId, item })
  const text = (id: string, ...deltas: ReadonlyArray<string>) => [
    item("item/started", { type: "agentMessage", id, text: "" }),
    ...deltas.map((delta) => told(threadId, "item/agentMessage/delta", { turnId, itemId: id, delta }))
  ]
  const command = {
    command: "/bin/bash -lc 'echo hi'",
    cwd: "/srv/work",
    aggregatedOutput: null,
    exitCode: null
  }
  return {
    begin: (prompt: string): ReadonlyArray<Line> => [
      client({ id: 3, method: "turn/start", params: { threadId, input: [{ type: "text", text: prompt }] } }),
      server({ method: "thread/started", params: { thread: { id: threadId } } }),
      told(threadId, "turn/started", { turn: { id: turnId, status: "inProgress", error: null } }),
      item("item/started", { type: "userMessage", id: `${turnId}-user` })
    ],
    /** Text that breaks off. */
    partial: text,
    delta: (id: string, delta: string) =>
      told(threadId, "item/agentMessage/delta", { turnId, itemId: id, delta }),
    complete: (id: string, text: string) => item("item/completed", { type: "agentMessage", id, text }),
    say: (id: string, ...deltas: ReadonlyArray<string>): ReadonlyArray<Line> => [
      ...text(id, ...deltas),
      item("item/completed", { type: "agentMessage", id, text: deltas.join("") })
    ],
    run: (id: string) =>
      item("item/started", { type: "commandExecution", id, ...command, status: "inProgress" }),
    ran: (id: string, aggregatedOutput: string) =>
      item("item/completed", {
        type: "commandExecution",
        id,
        ...command,
        status: "completed",
        aggregatedOutput,
        exitCode: 0
      }),
    askToRun: (requestId: number, itemId: string) =>
      server({
        id: requestId,
        method: "item/commandExecution/requestApproval",
        params: { threadId, turnId, itemId, ...command, reason: "Allow it?" }
      }),
    answer: (requestId: number, decision: "accept" | "decline") =>
      client({ id: requestId, result: { decision } }),
    willRetry: (message: string) => told(threadId, "error", { turnId, error: { message }, willRetry: true }),
    steer: (text: string): ReadonlyArray<Line> => [
      client({ id: 8, method: "turn/steer", params: { threadId, input: [{ type: "text", text }] } }),
      item("item/started", { type: "userMessage", id: `${turnId}-steer` })
    ],
    interrupt: client({ id: 9, method: "turn/interrupt", params: { threadId, turnId } }),
    end: (status: "completed" | "failed" | "interrupted", message: string | null = null) =>
      told(threadId, "turn/completed", {
        turn: { id: turnId, status, error: message === null ? null : { message } }
      })
  }
}

const one = codexTurn("turn-1")
const two = codexTurn("turn-2")

/** An approval whose id is 0, and an answer to it. */
export const approvalZero: ReadonlyArray<Line> = [
  ...one.begin("write it"),
  ...one.say("msg_1", "I need to ", "write."),
  one.run("call_1"),
  one.askToRun(0, "call_1"),
  one.answer(0, "accept"),
  one.ran("call_1", "hi\n"),
  ...one.say("msg_2", "Written."),
  one.end("completed")
]

/** A message for the running turn, taken in by its next model call. */
export const steered: ReadonlyArray<Line> = [
  ...one.begin("run it"),
  one.run("call_1"),
  one.ran("call_1", "hi\n"),
  ...one.steer("and say bye"),
  ...one.say("msg_1", "Bye."),
  one.end("completed")
]

/** A model call that breaks off in mid-text and comes again, twice, under other ids; the second time before its first word. */
export const retries: ReadonlyArray<Line> = [
  ...one.begin("tell me"),
  ...one.partial("msg_1", "The answer ", "is for"),
  one.willRetry("stream disconnected"),
  one.willRetry("stream disconnected"),
  ...one.say("msg_2", "The answer ", "is forty", "-two."),
  one.end("completed")
]

/** Every attempt breaks off, and the turn fails. */
export const retriesExhausted: ReadonlyArray<Line> = [
  ...one.begin("tell me"),
  ...one.partial("msg_1", "The answer "),
  one.willRetry("stream disconnected"),
  ...one.partial("msg_2", "The ans"),
  one.end("failed", "stream disconnected before completion")
]

/** Nothing but an error: the provider answered 500, twice. */
export const httpError: ReadonlyArray<Line> = [
  ...one.begin("tell me"),
  one.willRetry("500"),
  one.end("failed", "The provider answered 500.")
]

/** An abort is told twice; the second time when the next turn is under way. */
export const twoEnds: ReadonlyArray<Line> = [
  ...one.begin("count"),
  ...one.partial("msg_1", "one, two, "),
  one.interrupt,
  one.end("interrupted"),
  one.end("interrupted"),
  ...two.begin("go on"),
  ...two.partial("msg_2", "three, "),
  one.end("interrupted"),
  two.delta("msg_2", "four"),
  two.complete("msg_2", "three, four"),
  two.end("completed")
]

/** A line that is no JSON in mid-stream. */
export const malformed: ReadonlyArray<Line> = [
  ...one.begin("tell me"),
  ...one.partial("msg_1", "before "),
  { from: "agent", message: `{"method":"item/agentMessage/delta","params":{"delta":"bro` },
  one.delta("msg_1", "and after"),
  one.complete("msg_1", "before and after"),
  one.end("completed")
]

/** A second message begins inside the first; both go on. */
export const interleaved: ReadonlyArray<Line> = [
  ...one.begin("two at once"),
  ...one.partial("msg_1", "first "),
  ...one.partial("msg_2", "second "),
  one.delta("msg_1", "goes on"),
  one.delta("msg_2", "does too"),
  one.complete("msg_2", "second does too"),
  one.complete("msg_1", "first goes on"),
  one.end("completed")
]

/** Behind a proxy every event of one message has an id of its own. */
export const rotatingIds: ReadonlyArray<Line> = [
  ...one.begin("tell me"),
  ...one.partial("msg_a"),
  one.delta("msg_b", "one "),
  one.delta("msg_c", "text"),
  one.complete("msg_d", "one text"),
  one.end("completed")
]

/** A message begins, and nothing comes. */
export const refusal: ReadonlyArray<Line> = [
  ...one.begin("something bad"),
  ...one.partial("msg_1"),
  one.end("completed")
]

const here = codexTurn("turn-here", "here")
const there = codexTurn("turn-there", "there")

/** One bus, two threads; commands that print, and say so only when they are done. */
export const bus: ReadonlyArray<Line> = [
  ...here.begin("run it here"),
  ...there.begin("run it there"),
  ...here.partial("msg_1", "Running "),
  ...there.partial("msg_1", "Starting "),
  here.delta("msg_1", "here."),
  there.delta("msg_1", "there."),
  there.complete("msg_1", "Starting there."),
  here.complete("msg_1", "Running here."),
  here.run("call_1"),
  there.run("call_1"),
  there.ran("call_1", "there\n"),
  here.ran("call_1", "here\n"),
  ...there.say("msg_2", "Done there."),
  there.end("completed"),
  ...here.say("msg_2", "Done here."),
  here.end("completed")
]
