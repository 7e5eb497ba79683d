/** Turns of the runtime `own`, and what becomes of them: for tests of runtimes in other processes. */
import {
  type ClientCommandOf,
  DEFAULT_TENANT,
  type LoggedEvent,
  type MessageView,
  type ThreadId,
  type TurnView
} from "@spillway/contracts"
import { Publisher, ReadModels, ThreadEngine } from "@spillway/orchestration"
import { Effect, Option, Stream } from "effect"
import { createThread, newThreadId, startTurn } from "./commands.ts"

export const tester = { tenant: DEFAULT_TENANT, actor: "tester", correlationId: null }

/** On a thread of its own. */
export const startOwn = Effect.fnUntraced(function* (
  but: Partial<ClientCommandOf<"thread.turn.start">> = {}
) {
  const engine = yield* ThreadEngine
  const threadId = newThreadId()
  yield* engine.dispatch(tester, createThread(threadId))
  const command = startTurn(threadId, { choice: { runtime: "own" }, ...but })
  yield* engine.dispatch(tester, command)
  return { threadId, turnId: command.turnId }
})

const isEnd = ({ type }: LoggedEvent) => /^thread\.turn-(completed|failed|interrupted)$/.test(type)

/** The first event of the thread that fits, once it is there. */
export const eventOf = Effect.fnUntraced(function* (
  threadId: ThreadId,
  fits: LoggedEvent["type"] | ((event: LoggedEvent) => boolean)
) {
  const publisher = yield* Publisher
  const found = yield* publisher.follow(0).pipe(
    Stream.flatMap((events) => Stream.fromIterable(events)),
    Stream.filter(
      (event) => event.threadId === threadId && (typeof fits === "string" ? event.type === fits : fits(event))
    ),
    Stream.runHead
  )
  return Option.getOrThrow(found)
})

export const viewOf = Effect.fnUntraced(function* (threadId: ThreadId) {
  const readModels = yield* ReadModels
  return (yield* readModels.thread(DEFAULT_TENANT, threadId))!.view
})

/** The thread's first turn, once it has ended. */
export const endOf = Effect.fnUntraced(function* (threadId: ThreadId) {
  yield* eventOf(threadId, isEnd)
  return (yield* viewOf(threadId)).turns[0]!
})

const assistants = ({ messages }: TurnView): ReadonlyArray<MessageView> =>
  messages.filter(({ role }) => role === "assistant")

/** What the assistant said in the turn, message by message. */
export const saidIn = (turn: TurnView): ReadonlyArray<string> =>
  assistants(turn).map(({ parts }) => parts.map((part) => (part.type === "text" ? part.text : "")).join(""))
