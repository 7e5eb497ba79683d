/** Hosts of runtimes on a server of the test's own, and turns for them. */
import { WebSocket } from "@effect/platform-node/NodeWS"
import {
  type ClientCommandOf,
  DEFAULT_TENANT,
  type MessageView,
  type ThreadId,
  type TurnView
} from "@spillway/contracts"
import { Publisher, ReadModels, ThreadEngine } from "@spillway/orchestration"
import { Effect, Option, Stream } from "effect"
import { Listener } from "spillway/effect"
import { createThread, newThreadId, RUNTIME_TOKEN, startTurn } from "spillway/testing"
import { environment, type SocketClass } from "../Environment.ts"
import { makeHost } from "../runtime/connectRuntime.ts"
import type { ConnectRuntimeOptions } from "../runtime/HostOptions.ts"

export const origin = { tenant: DEFAULT_TENANT, actor: "tester", correlationId: null }

/** A host of the server in the context, gone with the scope. It does not wait long between its attempts. */
export const hostOf = (
  runtimes: ConnectRuntimeOptions["runtimes"],
  options: Partial<ConnectRuntimeOptions> = {},
  Socket: SocketClass = WebSocket
) =>
  Effect.gen(function* () {
    const { address } = yield* Listener
    return yield* Effect.acquireRelease(
      Effect.sync(() =>
        makeHost(
          { url: `http://${address}`, token: RUNTIME_TOKEN, runtimes, ...options },
          { ...environment(Socket), random: () => 0 }
        )
      ),
      (host) => Effect.promise(() => host.close())
    )
  })

/** A turn of the runtime `own`. */
export const startOwn = (but: Partial<ClientCommandOf<"thread.turn.start">> = {}) =>
  Effect.gen(function* () {
    const engine = yield* ThreadEngine
    const threadId = newThreadId()
    yield* engine.dispatch(origin, createThread(threadId))
    const command = startTurn(threadId, { choice: { runtime: "own" }, ...but })
    yield* engine.dispatch(origin, command)
    return { threadId, turnId: command.turnId }
  })

/** The first event of the thread that fits, once it is there. */
export const eventOf = (threadId: ThreadId, type: string) =>
  Effect.gen(function* () {
    const publisher = yield* Publisher
    const found = yield* publisher.follow(0).pipe(
      Stream.flatMap((events) => Stream.fromIterable(events)),
      Stream.filter((event) => event.threadId === threadId && event.type === type),
      Stream.runHead
    )
    return Option.getOrThrow(found)
  })

export const viewOf = (threadId: ThreadId) =>
  Effect.gen(function* () {
    const readModels = yield* ReadModels
    return (yield* readModels.thread(DEFAULT_TENANT, threadId))!.view
  })

/** The thread's first turn, once it has ended. */
export const endOf = (threadId: ThreadId) =>
  Effect.gen(function* () {
    yield* Effect.raceFirst(
      eventOf(threadId, "thread.turn-completed"),
      Effect.raceFirst(eventOf(threadId, "thread.turn-failed"), eventOf(threadId, "thread.turn-interrupted"))
    )
    const { turns } = yield* viewOf(threadId)
    return turns[0]!
  })

const assistants = ({ messages }: TurnView): ReadonlyArray<MessageView> =>
  messages.filter(({ role }) => role === "assistant")

/** What the assistant said in the turn, message by message. */
export const saidIn = (turn: TurnView): ReadonlyArray<string> =>
  assistants(turn).map(({ parts }) => parts.map((part) => (part.type === "text" ? part.text : "")).join(""))
