/**
 * Writers through Emmett's `appendToStream`: one event and one expected version per call, as its own command handler does after
 * reading the stream. The reading is left out, in Emmett's favour.
 */
import { getPostgreSQLEventStore, type PostgresEventStore } from "@event-driven-io/emmett-postgresql"
import { Effect } from "effect"
import { Pool } from "pg"
import { payloadOf } from "./payload.ts"

type ThreadUpdated = { type: "thread.updated"; data: ReturnType<typeof payloadOf> }

/** One operation per writer, each on a stream of its own, over a pool of `connections` whose connections are open already. */
export const emmettWriters = Effect.fnUntraced(function* (url: string, writers: number, connections: number) {
  const pool = yield* Effect.acquireRelease(
    Effect.sync(() => {
      const pool = new Pool({ connectionString: url, max: connections, min: connections })
      // It ends before its connections do: Postgres, stopping, may be faster to end one.
      return pool.on("error", () => undefined)
    }),
    (pool) => Effect.promise(() => pool.end())
  )
  const store = getPostgreSQLEventStore(url, { connectionOptions: { pool } })
  yield* Effect.promise(() => store.schema.migrate())
  yield* openAll(pool, connections)
  return Array.from({ length: writers }, (_, writer) =>
    writerOf(store, `${connections}c_thread-${writer}`, writer)
  )
})

const writerOf = (store: PostgresEventStore, stream: string, writer: number) => {
  let version = 0n
  return Effect.promise(async () => {
    const data = payloadOf(writer, Number(version) + 1)
    const { nextExpectedStreamVersion } = await store.appendToStream<ThreadUpdated>(
      stream,
      [{ type: "thread.updated", data }],
      version === 0n ? {} : { expectedStreamVersion: version }
    )
    version = nextExpectedStreamVersion
  })
}

const openAll = (pool: Pool, connections: number) =>
  Effect.promise(async () => {
    const clients = await Promise.all(Array.from({ length: connections }, () => pool.connect()))
    for (const client of clients) client.release()
  })
