/** Commands for scenarios, with everything filled in that a scenario is not about. */
import {
  type Activity,
  assistantMessageIdOf,
  type ClientCommandOf,
  type ClientCommandType,
  CommandId,
  DEFAULT_TENANT,
  type Failure,
  MessageId,
  PartId,
  type RequestKind,
  RequestId,
  type RequestResponse,
  type RuntimeCommandOf,
  type RuntimeCommandType,
  sessionIdOf,
  stepIdOf,
  ToolCallId,
  TurnId,
  type TurnOutcome
} from "@spillway/contracts"
import { scenarioThread } from "./scenario.ts"

const base = { commandId: CommandId.make("command"), threadId: scenarioThread }
const sessionId = sessionIdOf(DEFAULT_TENANT, scenarioThread)

/** What may be said otherwise than by default. */
type But<C> = Partial<Omit<C, "type">>
type ClientBut<T extends ClientCommandType> = But<ClientCommandOf<T>>
type RuntimeBut<T extends RuntimeCommandType> = But<RuntimeCommandOf<T>>

export const create = (but: ClientBut<"thread.create"> = {}) =>
  ({ type: "thread.create", ...base, ...but }) as const
export const update = (but: ClientBut<"thread.update">) =>
  ({ type: "thread.update", ...base, ...but }) as const
export const archive = { type: "thread.archive", ...base } as const
export const unarchive = { type: "thread.unarchive", ...base } as const
export const remove = { type: "thread.delete", ...base } as const

/** The message that asks for a turn. */
export const askOf = (turn: string): MessageId => MessageId.make(`${turn}/ask`)

export const start = (turn: string, but: ClientBut<"thread.turn.start"> = {}) =>
  ({
    type: "thread.turn.start",
    ...base,
    turnId: TurnId.make(turn),
    messageId: askOf(turn),
    text: "hello",
    ...but
  }) as const

export const interrupt = (turn: string) =>
  ({ type: "thread.turn.interrupt", ...base, turnId: TurnId.make(turn) }) as const

export const retry = (retryOf: string, turn: string) =>
  ({ type: "thread.turn.retry", ...base, turnId: TurnId.make(turn), retryOf: TurnId.make(retryOf) }) as const

export const steer = (turn: string, next: string, but: ClientBut<"thread.turn.steer"> = {}) =>
  ({
    type: "thread.turn.steer",
    ...base,
    turnId: TurnId.make(turn),
    nextTurnId: TurnId.make(next),
    messageId: askOf(next),
    text: "and this",
    ...but
  }) as const

export const respond = (request: string, response: RequestResponse) =>
  ({ type: "thread.request.respond", ...base, requestId: RequestId.make(request), response }) as const

export const approve: RequestResponse = { type: "approval", decision: "approve" }

export const claim = (turn: string, but: RuntimeBut<"thread.session.open"> = {}) =>
  ({
    type: "thread.session.open",
    turnId: TurnId.make(turn),
    sessionId,
    generation: 1,
    runtime: "scripted",
    resumable: true,
    canSteer: true,
    ...but
  }) as const

export const bind = (providerThreadId: string, generation = 1) =>
  ({ type: "thread.session.bind", sessionId, generation, providerThreadId }) as const

export const closeSession = (reason: RuntimeCommandOf<"thread.session.close">["reason"], generation = 1) =>
  ({ type: "thread.session.close", sessionId, generation, reason }) as const

export const openStep = (turn: string, index = 0, steeredBy: ReadonlyArray<MessageId> = []) => {
  const turnId = TurnId.make(turn)
  return { type: "thread.step.open", turnId, stepId: stepIdOf(turnId, index), steeredBy } as const
}

export const closeStep = (turn: string, index = 0, but: RuntimeBut<"thread.step.close"> = {}) =>
  ({
    type: "thread.step.close",
    stepId: stepIdOf(TurnId.make(turn), index),
    usage: { outputTokens: 7 },
    finishReason: "stop",
    responseId: "response",
    ...but
  }) as const

/** The message that a step writes. */
export const messageOf = (turn: string, index = 0, attempt = 0): MessageId =>
  assistantMessageIdOf(stepIdOf(TurnId.make(turn), index), attempt)

export const openMessage = (turn: string, index = 0, attempt = 0) =>
  ({
    type: "thread.message.open",
    messageId: messageOf(turn, index, attempt),
    stepId: stepIdOf(TurnId.make(turn), index),
    runtime: "scripted",
    model: null
  }) as const

export const append = (messageId: MessageId, text: string, but: RuntimeBut<"thread.message.append"> = {}) =>
  ({
    type: "thread.message.append",
    messageId,
    partId: PartId.make("text"),
    kind: "text",
    offset: 0,
    text,
    ...but
  }) as const

export const closeMessage = (messageId: MessageId, but: RuntimeBut<"thread.message.close"> = {}) =>
  ({ type: "thread.message.close", messageId, status: "completed", error: null, ...but }) as const

export const call = (messageId: MessageId, id: string, but: RuntimeBut<"thread.tool-call.open"> = {}) =>
  ({
    type: "thread.tool-call.open",
    messageId,
    partId: PartId.make(`call-${id}`),
    toolCallId: ToolCallId.make(id),
    name: "calculator",
    input: { expression: "1 + 1" },
    inputTruncated: false,
    providerExecuted: false,
    ...but
  }) as const

export const output = (id: string, text: string, but: RuntimeBut<"thread.tool-call.output"> = {}) =>
  ({
    type: "thread.tool-call.output",
    toolCallId: ToolCallId.make(id),
    offset: 0,
    text,
    truncated: false,
    ...but
  }) as const

export const closeCall = (id: string, but: RuntimeBut<"thread.tool-call.close"> = {}) =>
  ({
    type: "thread.tool-call.close",
    toolCallId: ToolCallId.make(id),
    status: "completed",
    result: 2,
    resultTruncated: false,
    error: null,
    ...but
  }) as const

export const ask = (
  id: string,
  kind: RequestKind = "approval",
  but: RuntimeBut<"thread.request.open"> = {}
) =>
  ({
    type: "thread.request.open",
    requestId: RequestId.make(id),
    toolCallId: null,
    kind,
    title: "May I?",
    questions: [],
    ...but
  }) as const

export const take = (id: string) => ({ type: "thread.request.take", requestId: RequestId.make(id) }) as const

export const withdraw = (id: string) =>
  ({ type: "thread.request.withdraw", requestId: RequestId.make(id), reason: "not needed" }) as const

export const closeTurn = (turn: string, outcome: TurnOutcome = "completed", error: Failure | null = null) =>
  ({ type: "thread.turn.close", turnId: TurnId.make(turn), outcome, reason: "end", error }) as const

export const record = (activity: Activity) => ({ type: "thread.activity.record", activity }) as const

/** A thread whose turn `turn` runs: claimed, its first step and message open. */
export const running = (turn: string, but: RuntimeBut<"thread.session.open"> = {}) =>
  [create(), start(turn), claim(turn, but), openStep(turn), openMessage(turn)] as const
