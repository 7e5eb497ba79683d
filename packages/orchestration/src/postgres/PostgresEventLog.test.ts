import { PgClient, PgConnection } from "@effect/sql-pg"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Result } from "effect"
import { TestClock } from "effect/testing"
import { EventLog } from "../EventLog.ts"
import { EMPTY_LOG, type StoredRow, verifyRange } from "../hash.ts"
import { eventLogSuite } from "../testing/eventLogSuite.ts"
import { appendOf, eventsAfter, headAfter, NEW_THREAD, receiptOf } from "../testing/logRows.ts"
import * as Postgres from "./Postgres.ts"

const process = Layer.unwrap(
  Effect.map(TestDatabase, ({ url }) => Postgres.layer({ url, maxConnections: 2 }))
)

eventLogSuite("Postgres", { store: TestDatabase.layer, process })

const stack = Layer.provideMerge(process, TestDatabase.layer)

const threeEvents = appendOf({
  events: eventsAfter(NEW_THREAD, { threadId: "a" }, ["one", "two", "three"]),
  receipts: [receiptOf("command", "a")]
})

/** Every row as it lies in the table, and the log's own head. */
const stored = Effect.gen(function* () {
  const sql = yield* PgClient.PgClient
  const rows = yield* sql<StoredRow>`
    select
      position::float8 as position, tenant, thread_id as "threadId", version::float8 as version, type,
      schema_version as "schemaVersion", command_id as "commandId", causation_id as "causationId",
      correlation_id as "correlationId", actor, iso_time(at) as at, encoding, data::text as data,
      encode(hash, 'hex') as hash
    from event order by position`
  const [head] = yield* sql<{ readonly position: number; readonly hash: string }>`
    select position::float8 as position, encode(hash, 'hex') as hash from log_head`
  return { rows, head: head! }
})

/** A session outside of the log's own, in the same schema. */
const outsider = Effect.gen(function* () {
  const { url } = yield* TestDatabase
  return yield* PgConnection.make({ url, startupParameters: { search_path: "spillway" } })
})

/** Returns once an append waits for the log's head, which the outsider holds. */
const awaitBlockedAppend = (connection: PgConnection.PgConnection) =>
  connection
    .query(
      `select pid from pg_stat_activity
       where datname = current_database() and application_name = 'spillway append' and wait_event_type = 'Lock'`
    )
    .pipe(Effect.repeat({ until: ({ rows }) => rows.length > 0 }))

const terminateAppends = (connection: PgConnection.PgConnection) =>
  connection.query(
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity
     where datname = current_database() and application_name = 'spillway append'`
  )

describe("the log in Postgres", () => {
  it.live(
    "the bytes that were hashed are the bytes that are stored, and the head closes the chain over them",
    () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const data = ` { "title" : "spaced\\u0000 \\ud800" ,\n "title" : 1e3 } `
        const events = eventsAfter(NEW_THREAD, { threadId: "a" }, ["", "", ""], { data })
        yield* log.append(appendOf({ events: events.slice(0, 1) }))
        yield* log.append(appendOf({ events: events.slice(1) }))
        const { head, rows } = yield* stored
        expect(rows.map((row) => row.data)).toEqual([data, data, data])
        const { hash, position } = Result.getOrThrow(verifyRange(EMPTY_LOG, rows))
        expect({ hash, position }).toEqual(head)
      }).pipe(Effect.provide(stack))
  )

  it.live("a row that was changed behind the log's back no longer verifies", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const sql = yield* PgClient.PgClient
      yield* log.append(threeEvents)
      yield* sql`update event set data = ${'{"title":"TWO"}'}::json where position = 2`
      const result = verifyRange(EMPTY_LOG, (yield* stored).rows)
      expect(Result.isFailure(result) && result.failure).toMatchObject({ position: 2, broken: "hash" })
    }).pipe(Effect.provide(stack))
  )

  it.live("a hole in the log is an alarm, not a shorter answer", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const sql = yield* PgClient.PgClient
      yield* log.append(threeEvents)
      yield* sql`delete from event where position = 2`
      const error = yield* Effect.flip(log.readLog({ afterPosition: 0, limit: 10 }))
      expect(error._tag).toBe("Unavailable")
      expect(error.message).toContain("position 2 is missing")
    }).pipe(Effect.provide(stack))
  )

  it.live("a log that goes on past its head takes nothing more", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const sql = yield* PgClient.PgClient
      yield* log.append(threeEvents)
      yield* sql`update log_head set position = 1`
      const events = eventsAfter(headAfter(threeEvents.events), { threadId: "a" }, ["four"])
      expect((yield* Effect.flip(log.append(appendOf({ events }))))._tag).toBe("Unavailable")
      expect((yield* stored).rows).toHaveLength(3)
    }).pipe(Effect.provide(stack))
  )

  it.live("appends go in while readers hold every other connection", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const sql = yield* PgClient.PgClient
      const outcome = yield* sql.withTransaction(
        Effect.andThen(sql`select 1`, Effect.scoped(Effect.andThen(sql.reserve, log.append(threeEvents))))
      )
      expect(outcome).toEqual({ _tag: "Committed", position: 1 })
    }).pipe(Effect.provide(stack))
  )

  it.live("text that Postgres can't hold is invalid", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const events = eventsAfter(NEW_THREAD, { threadId: "a" }, ["x"], { actor: "NUL \u0000" })
      expect((yield* Effect.flip(log.append(appendOf({ events }))))._tag).toBe("AppendInvalid")
      expect((yield* log.append(threeEvents))._tag).toBe("Committed")
    }).pipe(Effect.provide(stack))
  )

  it.live(
    "E1 a connection that dies while committing leaves the outcome unknown; the same append again settles it",
    () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const other = yield* outsider
        yield* other.query("begin")
        yield* other.query("select from log_head for update")
        const append = yield* Effect.forkChild(Effect.flip(log.append(threeEvents)))
        yield* awaitBlockedAppend(other)
        yield* terminateAppends(other)
        expect((yield* Fiber.join(append))._tag).toBe("OutcomeUnknown")
        yield* other.query("rollback")
        expect(yield* log.append(threeEvents)).toEqual({ _tag: "Committed", position: 1 })
        expect(yield* log.append(threeEvents)).toMatchObject({
          _tag: "Refused",
          receipts: threeEvents.receipts
        })
      }).pipe(Effect.scoped, Effect.provide(stack))
  )

  it.live("a connection that died while nothing was sent costs nothing", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const other = yield* outsider
      yield* log.append(threeEvents)
      yield* terminateAppends(other)
      const events = eventsAfter(headAfter(threeEvents.events), { threadId: "a" }, ["four"])
      const outcome = yield* Effect.retry(log.append(appendOf({ events })), {
        while: (error) => error._tag === "OutcomeUnknown"
      })
      expect(outcome).toEqual({ _tag: "Committed", position: 4 })
    }).pipe(Effect.scoped, Effect.provide(stack))
  )

  it.live("a database that lets nobody in is unavailable, and what was asked can be asked again", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const { name, url } = yield* TestDatabase
      const other = yield* PgConnection.make({ url, database: "postgres" })
      yield* other.query(`alter database ${name} with allow_connections false`)
      yield* other.query("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1", [
        name
      ])
      const untilUnavailable = <A, E extends { readonly _tag: string }>(effect: Effect.Effect<A, E>) =>
        Effect.flip(effect).pipe(Effect.repeat({ until: (error) => error._tag === "Unavailable" }))
      yield* untilUnavailable(log.append(threeEvents))
      yield* untilUnavailable(log.head)
      yield* untilUnavailable(log.readLog({ afterPosition: 0, limit: 1 }))
      yield* other.query(`alter database ${name} with allow_connections true`)
      expect(yield* log.append(threeEvents)).toEqual({ _tag: "Committed", position: 1 })
      expect(yield* log.head).toBe(3)
    }).pipe(Effect.scoped, Effect.provide(stack))
  )

  it.effect("an append that is not answered for 30 s ends with its outcome unknown", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const other = yield* outsider
      yield* other.query("begin")
      yield* other.query("select from log_head for update")
      const append = yield* Effect.forkChild(Effect.flip(log.append(threeEvents)))
      yield* awaitBlockedAppend(other)
      yield* TestClock.adjust("30 seconds")
      expect((yield* Fiber.join(append))._tag).toBe("OutcomeUnknown")
      yield* other.query("rollback")
      expect(yield* log.append(threeEvents)).toEqual({ _tag: "Committed", position: 1 })
    }).pipe(Effect.scoped, Effect.provide(stack))
  )

  it.live("an append that has begun is not interrupted", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const other = yield* outsider
      yield* other.query("begin")
      yield* other.query("select from log_head for update")
      const append = yield* Effect.forkChild(log.append(threeEvents))
      yield* awaitBlockedAppend(other)
      const interrupting = yield* Effect.forkChild(Fiber.interrupt(append))
      yield* other.query("rollback")
      yield* Fiber.join(interrupting)
      expect(yield* log.head).toBe(3)
    }).pipe(Effect.scoped, Effect.provide(stack))
  )
})
