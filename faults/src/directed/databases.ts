/** A Postgres for this run alone, with a database for each server: a broken one leaves a broken database behind. */
import { PgConnection } from "@effect/sql-pg"
import { EmbeddedPostgres } from "@spillway/embedded-postgres"
import { Effect, Redacted } from "effect"
import { dirname } from "node:path"

/** Of each server: its pools at their largest, and some for whoever looks. */
const CONNECTIONS = 20

/** Their addresses, and a directory for whatever else there is. All of it is gone with the scope, also when this process is killed. */
export const makeDatabases = Effect.fnUntraced(function* (count: number) {
  const postgres = yield* EmbeddedPostgres.startTemporary({ durable: false })
  const run = (statement: string) =>
    PgConnection.make({ url: postgres.url }).pipe(
      Effect.flatMap((connection) => connection.query(statement)),
      Effect.scoped
    )
  yield* run(`alter system set max_connections = ${count * CONNECTIONS}`)
  yield* postgres.restart
  const databases = yield* Effect.forEach(
    Array.from({ length: count }, (_, i) => `server_${i}`),
    Effect.fnUntraced(function* (name) {
      yield* run(`create database ${name} template template0`)
      const url = new URL(Redacted.value(postgres.url))
      url.pathname = `/${name}`
      return Redacted.make(url.href)
    })
  )
  return { databases, scratch: dirname(postgres.dataDirectory) }
})
