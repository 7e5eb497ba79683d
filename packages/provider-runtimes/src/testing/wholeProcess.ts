/** A whole process but for the doors, with runtimes of ours in it, on a Postgres database of the test's own. */
import {
  type ClientCommand,
  CommandId,
  DEFAULT_TENANT,
  emptyThreadView,
  foldThread,
  type LoggedEvent,
  MessageId,
  RequestId,
  type RequestResponse,
  type RuntimeChoice,
  ThreadId,
  TurnId
} from "@spillway/contracts"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import {
  EventLog,
  layerRuntimeReactor,
  Postgres,
  PostgresReadModels,
  Publisher,
  ThreadEngine
} from "@spillway/orchestration"
import {
  IngestionBudget,
  LiveLane,
  type ProviderRuntime,
  ProviderRuntimeIngestion,
  ProviderRuntimes
} from "@spillway/runtime-ingestion"
import { Effect, Layer, Stream } from "effect"

/** Fresh, so that building it twice gives two processes, one after the other. */
export const layerProcess = (first: ProviderRuntime, ...others: ReadonlyArray<ProviderRuntime>) =>
  layerRuntimeReactor.pipe(
    Layer.provideMerge(ProviderRuntimeIngestion.layer),
    Layer.provideMerge(
      Layer.mergeAll(ProviderRuntimes.layer(first, ...others), LiveLane.layer, IngestionBudget.layer())
    ),
    Layer.provideMerge(PostgresReadModels.layer),
    Layer.provideMerge(ThreadEngine.layer),
    Layer.provideMerge(Publisher.layer),
    Layer.provideMerge(
      Layer.unwrap(
        Effect.map(TestDatabase, ({ url }) =>
          Postgres.layer({ url, lease: { duration: 1_500, heartbeat: 500, look: 100 } })
        )
      )
    ),
    Layer.fresh
  )

const origin = { tenant: DEFAULT_TENANT, actor: "tester", correlationId: null }

let counter = 0
const unique = (what: string): string => `${what}-${++counter}`

const dispatch = Effect.fnUntraced(function* (command: ClientCommand) {
  const engine = yield* ThreadEngine
  return yield* engine.dispatch(origin, command)
})

/** A new thread with a turn in it. */
export const startTurn = Effect.fnUntraced(function* (text: string, choice: RuntimeChoice = {}) {
  const threadId = ThreadId.make(unique("thread"))
  const turnId = TurnId.make(unique("turn"))
  yield* dispatch({ type: "thread.create", commandId: CommandId.make(unique("command")), threadId })
  yield* dispatch({
    type: "thread.turn.start",
    commandId: CommandId.make(unique("command")),
    threadId,
    turnId,
    messageId: MessageId.make(`${turnId}/ask`),
    text,
    choice
  })
  return { threadId, turnId }
})

export const interrupt = (threadId: ThreadId, turnId: TurnId) =>
  dispatch({ type: "thread.turn.interrupt", commandId: CommandId.make(unique("command")), threadId, turnId })

export const respond = (threadId: ThreadId, requestId: RequestId, response: RequestResponse) =>
  dispatch({
    type: "thread.request.respond",
    commandId: CommandId.make(unique("command")),
    threadId,
    requestId,
    response
  })

/** Waits for the first event of the thread that fits, committed already or to come. */
export const committed = <T extends LoggedEvent["type"]>(threadId: ThreadId, ...types: ReadonlyArray<T>) =>
  Effect.gen(function* () {
    const publisher = yield* Publisher
    const event = yield* publisher.follow(0).pipe(
      Stream.flatMap((events) => Stream.fromIterable(events)),
      Stream.filter(
        (event): event is Extract<LoggedEvent, { readonly type: T }> =>
          event.threadId === threadId && types.some((type) => type === event.type)
      ),
      Stream.runHead
    )
    if (event._tag === "None") return yield* Effect.die("the log ended")
    return event.value
  })

export const turnEnd = (threadId: ThreadId) =>
  committed(threadId, "thread.turn-completed", "thread.turn-failed", "thread.turn-interrupted")

/** The thread's turn, folded from the log. */
export const turnOf = Effect.fnUntraced(function* (threadId: ThreadId) {
  const log = yield* EventLog
  const events = yield* log.readThread({ tenant: DEFAULT_TENANT, threadId, afterVersion: 0, limit: 100_000 })
  return { events, turn: foldThread(emptyThreadView(threadId), events).turns[0]! }
})
