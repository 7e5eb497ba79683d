/**
 * A whole process but for the doors: engine, log, read models, reactors and ingestion, on a Postgres database of the test's own.
 */
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import {
  type ClientCommand,
  type ClientEvent,
  CommandId,
  DEFAULT_TENANT,
  type LoggedEvent,
  MessageId,
  type Receipt,
  sessionIdOf,
  ThreadId,
  type ThreadView,
  TurnId
} from "@spillway/contracts"
import {
  EventLog,
  layerRuntimeReactor,
  Postgres,
  PostgresReadModels,
  Publisher,
  ReadModels,
  ThreadEngine
} from "@spillway/orchestration"
import { Effect, Layer, Stream } from "effect"
import { IngestionSettings, type IngestionSettingsValue } from "../IngestionSettings.ts"
import { IngestionBudget } from "../lanes/IngestionBudget.ts"
import { LiveLane } from "../LiveLane.ts"
import { ProviderRuntimeIngestion } from "../ProviderRuntimeIngestion.ts"
import { readThreadView } from "../turn/turnInput.ts"
import { Puppet } from "./Puppet.ts"

const layerLog = Layer.unwrap(
  Effect.map(TestDatabase, ({ url }) =>
    Postgres.layer({ url, lease: { duration: 1_500, heartbeat: 500, look: 100 } })
  )
)

/** One process on the test's database. Fresh, so that building it twice gives two processes. */
export const layerProcess = (settings: Partial<IngestionSettingsValue> = {}) =>
  Layer.provideMerge(layerRuntimeReactor, layerSessions(settings)).pipe(Layer.fresh)

/** A process that reacts to nothing, and leaves what it finds as it is. */
export const layerSessions = (settings: Partial<IngestionSettingsValue> = {}) =>
  ProviderRuntimeIngestion.layer.pipe(
    Layer.provideMerge(Layer.mergeAll(Puppet.layer, LiveLane.layer, IngestionBudget.layer())),
    Layer.provideMerge(PostgresReadModels.layer),
    Layer.provideMerge(ThreadEngine.layer),
    Layer.provideMerge(Publisher.layer),
    Layer.provideMerge(layerLog),
    Layer.provide(
      Layer.effect(
        IngestionSettings,
        Effect.map(IngestionSettings, (defaults) => ({ ...defaults, ...settings }))
      )
    ),
    Layer.fresh
  )

export const layerTestIngestion = layerProcess().pipe(Layer.provideMerge(TestDatabase.layer))

let counter = 0

/** An id that no other call has given. */
export const uniqueId = (what: string): string => `${what}-${++counter}`

const origin = { tenant: DEFAULT_TENANT, actor: "tester", correlationId: null }

export const dispatch = Effect.fnUntraced(function* (command: ClientCommand) {
  const engine = yield* ThreadEngine
  return yield* engine.dispatch(origin, command)
})

type TurnStart = Extract<ClientCommand, { readonly type: "thread.turn.start" }>

/** A new thread. */
export const createThread = Effect.gen(function* () {
  const threadId = ThreadId.make(uniqueId("thread"))
  yield* dispatch({ type: "thread.create", commandId: CommandId.make(uniqueId("command")), threadId })
  return threadId
})

/** Asks for a turn. */
export const startTurn = (threadId: ThreadId, but: Partial<TurnStart> = {}) =>
  Effect.suspend(() => {
    const turnId = but.turnId ?? TurnId.make(uniqueId("turn"))
    return Effect.map(
      dispatch({
        type: "thread.turn.start",
        commandId: CommandId.make(uniqueId("command")),
        threadId,
        turnId,
        messageId: MessageId.make(`${turnId}/ask`),
        text: "hello",
        ...but
      }),
      (receipt: Receipt) => ({ receipt, turnId })
    )
  })

export const interruptTurn = (threadId: ThreadId, turnId: TurnId) =>
  dispatch({
    type: "thread.turn.interrupt",
    commandId: CommandId.make(uniqueId("command")),
    threadId,
    turnId
  })

/** Waits until an event of the thread is committed that fits; the result is that event. */
export const committed = (threadId: ThreadId, fits: (event: LoggedEvent) => boolean) =>
  Effect.gen(function* () {
    const publisher = yield* Publisher
    return yield* publisher.follow(0).pipe(
      Stream.flatMap((events) => Stream.fromIterable(events)),
      Stream.filter((event) => event.threadId === threadId && fits(event)),
      Stream.runHead,
      Effect.map((event) => {
        if (event._tag === "None") throw new Error("the log ended")
        return event.value
      })
    )
  })

/** Waits for an event of a type. */
export const committedType = <T extends ClientEvent["type"]>(threadId: ThreadId, type: T) =>
  Effect.map(
    committed(threadId, (event) => event.type === type),
    (event) => event as Extract<LoggedEvent, { readonly type: T }>
  )

/** Waits until the turn has ended; the result is its closing event's type without `thread.turn-`. */
export const turnEnd = (threadId: ThreadId, turnId: TurnId) =>
  Effect.map(
    committed(
      threadId,
      (event) =>
        (event.type === "thread.turn-completed" ||
          event.type === "thread.turn-failed" ||
          event.type === "thread.turn-interrupted") &&
        event.data.turnId === turnId
    ),
    (event) => event.type.slice("thread.turn-".length)
  )

/** Waits until the checkpoint of the thread's session holds such text. */
export const kept = Effect.fnUntraced(function* (threadId: ThreadId, ...texts: ReadonlyArray<string>) {
  const log = yield* EventLog
  yield* Effect.repeat(log.checkpoint(sessionIdOf(DEFAULT_TENANT, threadId)), {
    until: (pieces) => {
      const all = pieces.map(({ text }) => text).join("")
      return texts.every((text) => all.includes(text))
    }
  })
})

/** The thread's events so far. */
export const eventsOf = Effect.fnUntraced(function* (threadId: ThreadId) {
  const log = yield* EventLog
  return yield* log.readThread({ tenant: DEFAULT_TENANT, threadId, afterVersion: 0, limit: 100_000 })
})

/** The thread at the log's head, folded; the read model is held against it. */
export const viewOf = Effect.fnUntraced(function* (threadId: ThreadId) {
  const readModels = yield* ReadModels
  const publisher = yield* Publisher
  const folded: ThreadView = yield* readThreadView(DEFAULT_TENANT, threadId)
  yield* readModels.waitFor(publisher.head())
  return folded
})

/** An assistant message's text, parts joined. */
export const textOf = (view: ThreadView, kind: "text" | "reasoning" = "text"): string =>
  view.turns
    .flatMap((turn) => turn.messages)
    .filter((message) => message.role === "assistant")
    .flatMap((message) => message.parts)
    .map((part) => (part.type === kind ? part.text : ""))
    .join("")
