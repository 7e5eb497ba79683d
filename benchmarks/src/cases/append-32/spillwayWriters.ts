/** Writers through the engine: a command each, decided, receipted, hashed twice, committed, told to other processes, published. */
import { CommandId, DEFAULT_TENANT, ThreadId } from "@spillway/contracts"
import type { Connection } from "@spillway/embedded-postgres"
import { Postgres, Publisher, ThreadEngine } from "@spillway/orchestration"
import { Context, Effect, Layer } from "effect"
import { payloadOf } from "./payload.ts"

const origin = { tenant: DEFAULT_TENANT, actor: "benchmark", correlationId: null }

/** One operation per writer. Each has a thread of its own, which is there afterwards. */
export const spillwayWriters = Effect.fnUntraced(function* (connection: Connection, writers: number) {
  const services = yield* Layer.build(
    ThreadEngine.layer.pipe(Layer.provide(Publisher.layer), Layer.provide(Postgres.layer(connection)))
  )
  return yield* writersOf(Context.get(services, ThreadEngine), writers)
})

const writersOf = (engine: ThreadEngine["Service"], writers: number) =>
  Effect.forEach(
    Array.from({ length: writers }, (_, writer) => writer),
    (writer) => {
      const threadId = ThreadId.make(`thread-${writer}`)
      const commandId = CommandId.make(`create-${writer}`)
      return Effect.as(
        engine.dispatch(origin, { type: "thread.create", commandId, threadId }),
        updates(engine, writer, threadId)
      )
    },
    { concurrency: "unbounded" }
  )

/** One update of the writer's thread each time it runs. */
const updates = (engine: ThreadEngine["Service"], writer: number, threadId: ThreadId) => {
  let n = 0
  return Effect.suspend(() => {
    const commandId = CommandId.make(`update-${writer}-${++n}`)
    return engine.dispatch(origin, { type: "thread.update", commandId, threadId, ...payloadOf(writer, n) })
  }).pipe(
    Effect.flatMap((receipt) =>
      receipt.status === "accepted" ? Effect.void : Effect.die(`rejected: ${receipt.rejection.message}`)
    )
  )
}
