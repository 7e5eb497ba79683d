/**
 * The values that documentation shows: one short thread, told by its events. What a client is shown of it is their fold, so that no
 * example can say anything else than the server would.
 */
import type { ClientCommandOf } from "../commands/ClientCommand.ts"
import type { ClientEvent, LoggedEvent } from "../Envelope.ts"
import {
  assistantMessageIdOf,
  CommandId,
  DEFAULT_TENANT,
  MessageId,
  PartId,
  RequestId,
  sessionIdOf,
  stepIdOf,
  ThreadId,
  TurnId
} from "../Ids.ts"
import { COMMAND_TEXT_LIMIT, FRAME_LIMIT, JSON_DEPTH_LIMIT } from "../Limits.ts"
import type { Accepted } from "../Receipt.ts"
import type { SearchHit } from "../Search.ts"
import { SCHEMA_VERSION, type ThreadEvent } from "../ThreadEvent.ts"
import { emptyThreadView, foldThread } from "../thread-view/foldThread.ts"
import type { ThreadSummary } from "../thread-view/ThreadView.ts"
import { PROTOCOL } from "../wire.ts"
import type { Ready, ServerInfo } from "./Answers.ts"

export const logId = "5b3f5f0e-1f0c-4a52-9d0e-6c1f4f6f2a11"

const threadId = ThreadId.make("t1")
const turnId = TurnId.make("u1")
const messageId = MessageId.make("m1")
const stepId = stepIdOf(turnId, 0)
const sessionId = sessionIdOf(DEFAULT_TENANT, threadId)
const address = { turnId, stepId, messageId: assistantMessageIdOf(stepId, 0) }

export const threadCreate: Omit<ClientCommandOf<"thread.create">, "commandId"> = {
  type: "thread.create",
  threadId,
  title: "A first talk"
}

export const turnStart: Omit<ClientCommandOf<"thread.turn.start">, "commandId"> = {
  type: "thread.turn.start",
  threadId,
  turnId,
  messageId,
  text: "Hello!"
}

export const turnInterrupt: ClientCommandOf<"thread.turn.interrupt"> = {
  type: "thread.turn.interrupt",
  commandId: CommandId.make("c3"),
  threadId,
  turnId
}

export const requestRespond: ClientCommandOf<"thread.request.respond"> = {
  type: "thread.request.respond",
  commandId: CommandId.make("c4"),
  threadId,
  requestId: RequestId.make("r1"),
  response: { type: "approval", decision: "approve" }
}

const story: ReadonlyArray<ThreadEvent> = [
  { type: "thread.created", data: { title: "A first talk" } },
  {
    type: "thread.turn-start-requested",
    data: { turnId, messageId, assistantDeliveryMode: "buffered", choice: {}, retryOf: null }
  },
  { type: "thread.message-sent", data: { messageId, turnId, role: "user", text: "Hello!" } },
  { type: "thread.turn-started", data: { turnId } },
  {
    type: "thread.session-opened",
    data: { sessionId, generation: 1, turnId, runtime: "scripted", resumable: true, canSteer: true }
  },
  { type: "thread.step-opened", data: { turnId, stepId, steeredBy: [] } },
  { type: "thread.message-opened", data: { ...address, runtime: "scripted", model: null } },
  {
    type: "thread.message-segment-appended",
    data: {
      ...address,
      partId: PartId.make("text"),
      kind: "text",
      offset: 0,
      text: "Hello! What shall we do?"
    }
  },
  { type: "thread.message-closed", data: { ...address, status: "completed", error: null } },
  {
    type: "thread.step-closed",
    data: {
      turnId,
      stepId,
      usage: { inputTokens: 12, outputTokens: 7, totalTokens: 19 },
      finishReason: "stop",
      responseId: null
    }
  },
  { type: "thread.session-closed", data: { sessionId, generation: 1, reason: "ended" } },
  { type: "thread.turn-completed", data: { turnId, reason: "stop" } }
]

const events: ReadonlyArray<ClientEvent> = story.map((told, index) => {
  const commandId = index === 0 ? CommandId.make("c1") : index < 4 ? CommandId.make("c2") : null
  const { type, data } = told
  return {
    type,
    threadId,
    version: index + 1,
    at: new Date(Date.UTC(2026, 0, 1, 9) + index * 250).toISOString(),
    actor: commandId === null ? "runtime:scripted" : "client",
    data,
    commandId,
    causationId: commandId ?? `${sessionId}@1`,
    correlationId: null,
    tenant: DEFAULT_TENANT,
    schemaVersion: SCHEMA_VERSION
  } as ClientEvent
})

export const event = events[0]!

export const loggedEvent = {
  position: 1,
  ...event,
  hash: "9d5e0b0c7b8a4f3f6b1f2a9e8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a1b0c9d"
} as LoggedEvent

export const view = foldThread(emptyThreadView(threadId), events)

export const turn = view.turns[0]!

export const message = turn.messages.at(-1)!

export const summary: ThreadSummary = {
  threadId,
  version: view.version,
  status: view.status,
  title: view.title,
  activity: "idle",
  turnCount: 1,
  messageCount: turn.messages.length,
  preview: "Hello! What shall we do?",
  createdAt: view.createdAt,
  updatedAt: view.updatedAt
}

export const hit: SearchHit = {
  type: "message",
  messageId: message.messageId,
  turnId,
  role: "assistant",
  at: message.closedAt!,
  threadId,
  title: view.title,
  snippet: { text: "Hello! What shall we do?", marks: [{ from: 0, to: 5 }] },
  rank: 0.1
}

/** Of `turnStart`. */
export const receipt: typeof Accepted.Type = {
  status: "accepted",
  commandId: CommandId.make("c2"),
  threadId,
  version: 4
}

const streamed = (id: number, data: string, more = "") => `id: ${id}\n${more}data: ${data}\n\n`

const caughtUp = (name: string, place: number) =>
  streamed(place, JSON.stringify({ [name]: place, logId }), "event: caught-up\n")

export const threadStream = `retry: 2000\n\n${streamed(1, JSON.stringify(event))}${caughtUp("version", 1)}`

export const logStream = `retry: 2000\n\n${streamed(1, JSON.stringify(loggedEvent))}${caughtUp("position", 1)}`

export const info: ServerInfo = {
  server: "spillway/0.1.0",
  version: "0.1.0",
  protocol: PROTOCOL,
  logId,
  defaultRuntime: "scripted",
  limits: {
    frameBytes: FRAME_LIMIT,
    textLength: COMMAND_TEXT_LIMIT,
    subscriptions: 64,
    creditEvents: 512,
    creditBytes: 256 * 1024,
    stallSeconds: 30,
    helloSeconds: 10,
    commandsInFlight: 64,
    framesPerSecond: 1_000,
    frameBurst: 2_000,
    wrongFrames: 1_000,
    jsonDepth: JSON_DEPTH_LIMIT,
    sockets: 4_096,
    streams: 1_024,
    requests: 1_024
  }
}

export const ready: typeof Ready.Type = {
  status: "ready",
  database: "reachable",
  outage: null,
  lease: "held",
  projections: [{ projection: "threads", behind: 0, failed: null }],
  subscriptions: []
}
