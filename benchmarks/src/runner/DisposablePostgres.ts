/** An embedded Postgres as an installation runs it, fsync and all, on a directory that is gone afterwards. */
import { PgConnection } from "@effect/sql-pg"
import { type Connection, EmbeddedPostgres } from "@spillway/embedded-postgres"
import { Effect, Redacted } from "effect"

/** The directory is a temporary one: of a disk, if the result is to say anything about one. */
export const startDisposablePostgres = Effect.map(EmbeddedPostgres.startTemporary(), (postgres) => ({
  postgres,
  /** An empty database of its own. */
  makeDatabase: Effect.fnUntraced(function* (database: string) {
    yield* query(postgres.connection, `create database ${database} template template0`)
    const connection: Connection = { ...postgres.connection, database }
    const url = new URL(Redacted.value(postgres.url))
    url.pathname = `/${database}`
    return { connection, url: url.href }
  })
}))

/** One statement on a connection of its own. */
export const query = <Row>(connection: Connection, statement: string) =>
  PgConnection.make(connection).pipe(
    Effect.flatMap((session) => session.query(statement)),
    Effect.map((result) => result.rows as unknown as ReadonlyArray<Row>),
    Effect.scoped
  )
