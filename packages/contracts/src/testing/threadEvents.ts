/** Events for tests of views, with everything filled in that a test is not about. */
import { DEFAULT_DELIVERY_MODE } from "../DeliveryMode.ts"
import type { ClientEvent } from "../Envelope.ts"
import {
  assistantMessageIdOf,
  DEFAULT_TENANT,
  MessageId,
  PartId,
  RequestId,
  SessionId,
  stepIdOf,
  ThreadId,
  ToolCallId,
  TurnId
} from "../Ids.ts"
import type { LiveFrame } from "../LiveFrame.ts"
import { type DataOf, SCHEMA_VERSION, type ThreadEvent, type ThreadEventType } from "../ThreadEvent.ts"
import type { Failure, TurnOutcome } from "../Turn.ts"

export const threadId = ThreadId.make("thread")

/** The events as they stand in a thread after `version`. */
export const logged = (events: ReadonlyArray<ThreadEvent>, version = 0): ReadonlyArray<ClientEvent> =>
  events.map((event, i) => ({
    ...event,
    tenant: DEFAULT_TENANT,
    threadId,
    version: version + i + 1,
    schemaVersion: SCHEMA_VERSION,
    commandId: null,
    causationId: null,
    correlationId: null,
    actor: "somebody",
    at: new Date((version + i + 1) * 1_000).toISOString()
  }))

/** What may be said otherwise than by default. */
type But<T extends ThreadEventType> = Partial<DataOf<T>>

export const created: ThreadEvent = { type: "thread.created", data: {} }

/** The message that asks for a turn. */
export const askOf = (turn: string): MessageId => MessageId.make(`${turn}/ask`)

export const requested = (turn: string, but: But<"thread.turn-start-requested"> = {}): ThreadEvent => ({
  type: "thread.turn-start-requested",
  data: {
    turnId: TurnId.make(turn),
    messageId: askOf(turn),
    assistantDeliveryMode: DEFAULT_DELIVERY_MODE,
    choice: {},
    retryOf: null,
    ...but
  }
})

export const sent = (turn: string, but: But<"thread.message-sent"> = {}): ThreadEvent => ({
  type: "thread.message-sent",
  data: { messageId: askOf(turn), turnId: TurnId.make(turn), role: "user", text: `ask ${turn}`, ...but }
})

export const queued = (turn: string, but: But<"thread.turn-queued"> = {}): ThreadEvent => ({
  type: "thread.turn-queued",
  data: { turnId: TurnId.make(turn), because: "busy", front: false, ...but }
})

export const started = (turn: string): ThreadEvent => ({
  type: "thread.turn-started",
  data: { turnId: TurnId.make(turn) }
})

export const steered = (turn: string, next: string): ThreadEvent => ({
  type: "thread.turn-steered",
  data: {
    turnId: TurnId.make(turn),
    messageId: askOf(next),
    nextTurnId: TurnId.make(next),
    assistantDeliveryMode: DEFAULT_DELIVERY_MODE,
    choice: {}
  }
})

export const interruptRequested = (turn: string): ThreadEvent => ({
  type: "thread.turn-interrupt-requested",
  data: { turnId: TurnId.make(turn) }
})

export const ended = (
  turn: string,
  outcome: TurnOutcome = "completed",
  error: Failure = { code: "Broken", message: "It broke." }
): ThreadEvent => {
  const data = { turnId: TurnId.make(turn), reason: "end" }
  return outcome === "failed"
    ? { type: "thread.turn-failed", data: { ...data, error } }
    : { type: `thread.turn-${outcome}`, data }
}

/** Asked for on an idle thread. */
export const begun = (turn: string): ReadonlyArray<ThreadEvent> => [
  requested(turn),
  sent(turn),
  started(turn)
]

const addressOf = (turn: string, index: number, attempt = 0) => {
  const turnId = TurnId.make(turn)
  const stepId = stepIdOf(turnId, index)
  return { messageId: assistantMessageIdOf(stepId, attempt), turnId, stepId }
}

/** The message that a step writes. */
export const messageOf = (turn: string, index = 0, attempt = 0): MessageId =>
  addressOf(turn, index, attempt).messageId

export const sessionOpened = (turn: string): ThreadEvent => ({
  type: "thread.session-opened",
  data: {
    sessionId: SessionId.make("default/thread"),
    generation: 1,
    turnId: TurnId.make(turn),
    runtime: "scripted",
    resumable: true,
    canSteer: true
  }
})

export const stepOpened = (
  turn: string,
  index = 0,
  steeredBy: ReadonlyArray<MessageId> = []
): ThreadEvent => {
  const { stepId, turnId } = addressOf(turn, index)
  return { type: "thread.step-opened", data: { turnId, stepId, steeredBy } }
}

export const stepClosed = (turn: string, index = 0, but: But<"thread.step-closed"> = {}): ThreadEvent => {
  const { stepId, turnId } = addressOf(turn, index)
  return {
    type: "thread.step-closed",
    data: { turnId, stepId, usage: { outputTokens: 7 }, finishReason: "stop", responseId: "response", ...but }
  }
}

export const opened = (turn: string, index = 0, attempt = 0): ThreadEvent => ({
  type: "thread.message-opened",
  data: { ...addressOf(turn, index, attempt), runtime: "scripted", model: null }
})

export const segment = (
  turn: string,
  text: string,
  but: But<"thread.message-segment-appended"> = {}
): ThreadEvent => ({
  type: "thread.message-segment-appended",
  data: { ...addressOf(turn, 0), partId: PartId.make("text"), kind: "text", offset: 0, text, ...but }
})

export const closed = (turn: string, but: But<"thread.message-closed"> = {}): ThreadEvent => ({
  type: "thread.message-closed",
  data: { ...addressOf(turn, 0), status: "completed", error: null, ...but }
})

export const called = (turn: string, id: string, but: But<"thread.tool-call-opened"> = {}): ThreadEvent => ({
  type: "thread.tool-call-opened",
  data: {
    ...addressOf(turn, 0),
    partId: PartId.make(`call-${id}`),
    toolCallId: ToolCallId.make(id),
    name: "calculator",
    input: { expression: "1 + 1" },
    inputTruncated: false,
    providerExecuted: false,
    ...but
  }
})

export const printed = (
  turn: string,
  id: string,
  text: string,
  but: But<"thread.tool-call-output-appended"> = {}
): ThreadEvent => ({
  type: "thread.tool-call-output-appended",
  data: { ...addressOf(turn, 0), toolCallId: ToolCallId.make(id), offset: 0, text, truncated: false, ...but }
})

export const answered = (
  turn: string,
  id: string,
  but: But<"thread.tool-call-closed"> = {}
): ThreadEvent => ({
  type: "thread.tool-call-closed",
  data: {
    ...addressOf(turn, 0),
    toolCallId: ToolCallId.make(id),
    status: "completed",
    result: `result of ${id}`,
    resultTruncated: false,
    error: null,
    ...but
  }
})

export const asked = (turn: string, id: string): ThreadEvent => ({
  type: "thread.request-opened",
  data: {
    requestId: RequestId.make(id),
    turnId: TurnId.make(turn),
    stepId: null,
    toolCallId: null,
    kind: "approval",
    title: "May I?",
    questions: []
  }
})

export const frame = (turn: string, text: string, but: Partial<LiveFrame> = {}): LiveFrame => ({
  threadId,
  ...addressOf(turn, 0),
  partId: PartId.make("text"),
  kind: "text",
  offset: 0,
  text,
  afterVersion: 0,
  ...but
})

export const resolved = (turn: string, id: string): ThreadEvent => ({
  type: "thread.request-resolved",
  data: {
    requestId: RequestId.make(id),
    turnId: TurnId.make(turn),
    response: { type: "approval", decision: "approve" }
  }
})

export const taken = (turn: string, id: string): ThreadEvent => ({
  type: "thread.request-taken",
  data: { requestId: RequestId.make(id), turnId: TurnId.make(turn) }
})

export const withdrawn = (turn: string, id: string): ThreadEvent => ({
  type: "thread.request-withdrawn",
  data: { requestId: RequestId.make(id), turnId: TurnId.make(turn), reason: "turn-interrupted" }
})
