/**
 * Any command at all, sensible or not. A command that is missing here is a compile error.
 */
import {
  CommandId,
  MessageId,
  PartId,
  RequestId,
  SessionId,
  stepIdOf,
  ToolCallId,
  TurnId
} from "@spillway/contracts"
import fc from "fast-check"
import type { CommandOf, ThreadCommand, ThreadCommandType } from "../thread/Decision.ts"
import type { ThreadState } from "../thread/ThreadState.ts"
import { askOf, messageOf } from "./commands.ts"
import { scenarioThread } from "./scenario.ts"

type Fields<T extends ThreadCommandType> = Omit<CommandOf<T>, "type">

const command = <T extends ThreadCommandType>(
  type: T,
  fields: { readonly [K in keyof Fields<T>]: fc.Arbitrary<Fields<T>[K]> },
  optional: ReadonlyArray<keyof Fields<T> & string> = []
) =>
  fc
    .record(fields as Record<string, fc.Arbitrary<unknown>>, {
      requiredKeys: Object.keys(fields).filter((key) => !(optional as ReadonlyArray<string>).includes(key))
    })
    .map((values) => ({ type, ...values }) as unknown as CommandOf<T>)

const names = ["a", "b", "c", "0", "constructor", "__proto__"] as const
const turnId = fc.constantFrom(...names).map((name) => TurnId.make(name))
const index = fc.nat(3)
const stepId = fc.tuple(turnId, index).map(([turn, i]) => stepIdOf(turn, i))
const messageId = fc.oneof(
  fc.tuple(turnId, index).map(([turn, i]) => messageOf(turn, i)),
  turnId.map(askOf),
  fc.constantFrom(...names).map((name) => MessageId.make(name))
)
const partId = fc.constantFrom(...names).map((name) => PartId.make(name))
const toolCallId = fc.constantFrom(...names).map((name) => ToolCallId.make(name))
const requestId = fc.constantFrom(...names).map((name) => RequestId.make(name))
const text = fc.constantFrom("", " ", "\n", "hello", "👋", "null")
const flag = fc.boolean()
const offset = fc.constantFrom(0, 0, 0, 1, 2, 5)
const mode = fc.constantFrom("buffered", "streaming", "paragraph")
const failure = fc.record({ code: fc.constant("Broken"), message: text })
const error = fc.option(failure)
const session = {
  sessionId: fc.constant(SessionId.make("default/thread")),
  generation: fc.integer({ min: 0, max: 4 })
}
const origin = {
  commandId: fc.constant(CommandId.make("command")),
  threadId: fc.constant(scenarioThread)
}
const about = {
  title: text,
  metadata: fc.constantFrom({}, { key: [null, 1] })
}

const table: { readonly [T in ThreadCommandType]: fc.Arbitrary<CommandOf<T>> } = {
  "thread.create": command("thread.create", { ...origin, ...about }, ["title", "metadata"]),
  "thread.update": command("thread.update", { ...origin, ...about }, ["title", "metadata"]),
  "thread.archive": command("thread.archive", origin),
  "thread.unarchive": command("thread.unarchive", origin),
  "thread.delete": command("thread.delete", origin),
  "thread.turn.start": command(
    "thread.turn.start",
    {
      ...origin,
      turnId,
      messageId,
      role: fc.constantFrom("user", "system"),
      text,
      assistantDeliveryMode: mode,
      choice: fc.constantFrom({}, { runtime: "scripted" }),
      ifBusy: fc.constantFrom("queue", "reject", "interrupt", "steer")
    },
    ["role", "assistantDeliveryMode", "choice", "ifBusy"]
  ),
  "thread.turn.interrupt": command("thread.turn.interrupt", { ...origin, turnId }),
  "thread.turn.retry": command("thread.turn.retry", { ...origin, turnId, retryOf: turnId }),
  "thread.turn.steer": command("thread.turn.steer", {
    ...origin,
    turnId,
    messageId,
    nextTurnId: turnId,
    text
  }),
  "thread.request.respond": command("thread.request.respond", {
    ...origin,
    requestId,
    response: fc.constantFrom(
      { type: "approval" as const, decision: "approve" as const },
      { type: "input" as const, answers: {} }
    )
  }),
  "thread.session.open": command("thread.session.open", {
    ...session,
    turnId,
    runtime: fc.constant("scripted"),
    resumable: flag,
    canSteer: flag
  }),
  "thread.session.bind": command("thread.session.bind", { ...session, providerThreadId: fc.constant("p") }),
  "thread.session.close": command("thread.session.close", {
    ...session,
    reason: fc.constantFrom("ended", "exited", "lost", "parked")
  }),
  "thread.step.open": command("thread.step.open", {
    turnId,
    stepId,
    steeredBy: fc.array(messageId, { maxLength: 1 })
  }),
  "thread.step.close": command("thread.step.close", {
    stepId,
    usage: fc.constantFrom({}, { outputTokens: 1 }),
    finishReason: fc.constant("stop"),
    responseId: fc.constant(null)
  }),
  "thread.message.open": command("thread.message.open", {
    messageId,
    stepId,
    runtime: fc.constant("scripted"),
    model: fc.constant(null)
  }),
  "thread.message.append": command("thread.message.append", {
    messageId,
    partId,
    kind: fc.constantFrom("text", "reasoning"),
    offset,
    text
  }),
  "thread.message.close": command("thread.message.close", {
    messageId,
    status: fc.constantFrom("completed", "interrupted", "error", "discarded"),
    error
  }),
  "thread.tool-call.open": command("thread.tool-call.open", {
    messageId,
    partId,
    toolCallId,
    name: fc.constant("calculator"),
    input: fc.constantFrom(null, {}, "x"),
    inputTruncated: flag,
    providerExecuted: flag
  }),
  "thread.tool-call.output": command("thread.tool-call.output", {
    toolCallId,
    offset,
    text,
    truncated: flag
  }),
  "thread.tool-call.close": command("thread.tool-call.close", {
    toolCallId,
    status: fc.constantFrom("completed", "error", "denied"),
    result: fc.constantFrom(null, 2, "x"),
    resultTruncated: flag,
    error
  }),
  "thread.request.open": command("thread.request.open", {
    requestId,
    toolCallId: fc.option(toolCallId),
    kind: fc.constantFrom("approval", "input"),
    title: text,
    questions: fc.constant([])
  }),
  "thread.request.take": command("thread.request.take", { requestId }),
  "thread.request.withdraw": command("thread.request.withdraw", { requestId, reason: text }),
  "thread.turn.close": command("thread.turn.close", {
    turnId,
    outcome: fc.constantFrom("completed", "failed", "interrupted"),
    reason: text,
    error
  }),
  "thread.activity.record": command("thread.activity.record", {
    activity: fc.record({ type: fc.constant("notice" as const), level: fc.constant("info" as const), text })
  })
}

/** How often a command comes: few that end a thread, many that open what others need. */
const weightOf = (type: ThreadCommandType): number => {
  if (type === "thread.delete" || type === "thread.archive") return 1
  return type.endsWith(".open") || type === "thread.message.append" ? 40 : 10
}

/** A command, and what to aim its ids with. */
export interface Move {
  readonly command: ThreadCommand
  readonly salt: number
}

export const arbitraryMove: fc.Arbitrary<Move> = fc.record({
  command: fc.oneof(
    ...Object.entries(table).map(([type, arbitrary]) => ({
      weight: weightOf(type as ThreadCommandType),
      arbitrary: arbitrary as fc.Arbitrary<ThreadCommand>
    }))
  ),
  salt: fc.nat(0xffffff)
})

/** The move's command with most of its fields aimed at what the thread holds, so that it often has an effect and often nearly has. */
export const aimed = (state: ThreadState, { command, salt }: Move): ThreadCommand => {
  const fields: Record<string, unknown> = { ...command }
  for (const [i, [field, value]] of Object.entries(aims(state, command, salt)).entries()) {
    const missed = ((salt >> i) & 15) === 15
    if (field in command && value !== undefined && !missed) fields[field] = value
  }
  return fields as unknown as ThreadCommand
}

const aims = (
  state: ThreadState,
  { type }: ThreadCommand,
  salt: number
): Readonly<Record<string, unknown>> => {
  const { active } = state
  const one = <A>(from: ReadonlyArray<A>): A | undefined => from[salt % from.length]
  const makes = (...makers: ReadonlyArray<ThreadCommandType>) => makers.includes(type)
  const message = one(Object.values(active?.openMessages ?? {}))
  const [partId, part] = one(Object.entries(message?.parts ?? {})) ?? [undefined, undefined]
  const call = one(Object.values(active?.openToolCalls ?? {}))
  const request = one(Object.values(active?.pendingRequests ?? {}))
  const fresh = `new-${salt}`
  return {
    turnId: makes("thread.turn.start", "thread.turn.retry")
      ? fresh
      : makes("thread.turn.interrupt")
        ? one([...state.queue, active?.turnId])
        : active?.turnId,
    retryOf: one(Object.keys(state.turns)),
    nextTurnId: fresh,
    messageId: makes("thread.turn.start", "thread.turn.steer", "thread.message.open")
      ? fresh
      : message?.messageId,
    stepId:
      active !== null && makes("thread.step.open")
        ? stepIdOf(active.turnId, active.nextStepIndex)
        : (active?.openStep ?? undefined),
    steeredBy: active?.steering.slice(salt % 2).map(({ messageId }) => messageId),
    partId: makes("thread.tool-call.open") ? fresh : (partId ?? fresh),
    kind: makes("thread.message.append") && part?.kind !== "tool-call" ? part?.kind : undefined,
    offset: makes("thread.tool-call.output") ? call?.outputLength : (part?.length ?? 0),
    toolCallId: makes("thread.tool-call.open") ? fresh : call?.toolCallId,
    requestId: makes("thread.request.open")
      ? fresh
      : makes("thread.request.take")
        ? one(Object.keys(active?.untakenRequests ?? {}))
        : request?.requestId,
    response:
      request?.kind === "approval"
        ? { type: "approval", decision: "deny" }
        : { type: "input", answers: { any: "thing" } },
    generation: makes("thread.session.open") ? state.generation + 1 : state.generation
  }
}
