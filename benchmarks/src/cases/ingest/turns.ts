/** A whole process but for its doors, and turns of the typist in it: log, engine, read models, reactors, ingestion. */
import {
  CommandId,
  DEFAULT_TENANT,
  type DeliveryMode,
  isTurnEnd,
  MessageId,
  ThreadId,
  TurnId
} from "@spillway/contracts"
import type { Connection } from "@spillway/embedded-postgres"
import {
  layerRuntimeReactor,
  Postgres,
  PostgresReadModels,
  Publisher,
  ReadModels,
  ThreadEngine
} from "@spillway/orchestration"
import {
  IngestionBudget,
  IngestionSettings,
  type IngestionSettingsValue,
  LiveLane,
  ProviderRuntimeIngestion,
  ProviderRuntimes
} from "@spillway/runtime-ingestion"
import { Context, Deferred, Effect, Layer } from "effect"
import { prose } from "../../runner/prose.ts"
import { query } from "../../runner/DisposablePostgres.ts"
import { choiceOf, Typist, type Typing } from "./Typist.ts"

const origin = { tenant: DEFAULT_TENANT, actor: "benchmark", correlationId: null }

export interface Turn extends Typing {
  readonly threadId: string
  readonly turnId: string
  readonly mode: DeliveryMode
}

/** Runs until the scope closes. `run` does a turn on a thread of its own, and returns when its end is committed. */
export const startTurns = Effect.fnUntraced(function* (
  connection: Connection,
  settings: Partial<IngestionSettingsValue> = {}
) {
  const services = yield* Layer.build(
    layerRuntimeReactor.pipe(
      Layer.provideMerge(ProviderRuntimeIngestion.layer),
      Layer.provideMerge(
        Layer.mergeAll(ProviderRuntimes.layer(Typist), LiveLane.layer, IngestionBudget.layer())
      ),
      Layer.provideMerge(PostgresReadModels.layer),
      Layer.provideMerge(ThreadEngine.layer),
      Layer.provideMerge(Publisher.layer),
      Layer.provideMerge(Postgres.layer(connection)),
      Layer.provide(
        Layer.effect(
          IngestionSettings,
          Effect.map(IngestionSettings, (defaults) => ({ ...defaults, ...settings }))
        )
      )
    )
  )
  const engine = Context.get(services, ThreadEngine)
  const publisher = Context.get(services, Publisher)
  const ends = new Map<string, Deferred.Deferred<void>>()
  yield* publisher.onPublish((events) => {
    for (const event of events) {
      if (!isTurnEnd(event)) continue
      const end = ends.get(event.data.turnId)
      if (end === undefined) continue
      const completed = event.type === "thread.turn-completed"
      Deferred.doneUnsafe(
        end,
        completed ? Effect.void : Effect.die(`${event.data.turnId} ended with ${event.type}`)
      )
    }
  })

  const dispatch = (command: Parameters<typeof engine.dispatch>[1]) =>
    Effect.flatMap(engine.dispatch(origin, command), (receipt) =>
      receipt.status === "accepted" ? Effect.void : Effect.die(`rejected: ${receipt.rejection.message}`)
    )

  const run = Effect.fnUntraced(function* ({ mode, threadId, turnId, ...typing }: Turn) {
    const end = yield* Deferred.make<void>()
    ends.set(turnId, end)
    const thread = ThreadId.make(threadId)
    yield* dispatch({
      type: "thread.create",
      commandId: CommandId.make(`create-${threadId}`),
      threadId: thread
    })
    yield* dispatch({
      type: "thread.turn.start",
      commandId: CommandId.make(`start-${turnId}`),
      threadId: thread,
      turnId: TurnId.make(turnId),
      messageId: MessageId.make(`${turnId}/ask`),
      text: "Write.",
      assistantDeliveryMode: mode,
      choice: choiceOf(typing)
    })
    yield* Deferred.await(end)
    ends.delete(turnId)
  })

  return {
    run,
    /** Until the read models hold all that is committed. */
    projected: Effect.suspend(() => Context.get(services, ReadModels).waitFor(publisher.head())),
    /** A figure about a text that is not the one that was sent says nothing. */
    requireText: Effect.fnUntraced(function* (turn: Turn) {
      const [row] = yield* query<{ readonly text: string }>(
        connection,
        `select string_agg(data->>'text', '' order by version) as text from spillway.event
         where type = 'thread.message-segment-appended' and thread_id = '${turn.threadId}' and data->>'turnId' = '${turn.turnId}'`
      )
      if (row?.text !== prose(turn.seed, turn.length))
        return yield* Effect.die(`${turn.turnId} holds another text than was sent`)
    })
  }
})
