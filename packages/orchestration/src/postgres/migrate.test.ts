import { PgClient } from "@effect/sql-pg"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { expect, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { isTooOld, tooOld } from "./DatabaseError.ts"
import { migrate } from "./migrate.ts"
import { migrations } from "./migrations/index.ts"

const applied = Effect.gen(function* () {
  const sql = yield* PgClient.PgClient
  return yield* sql<{ id: number; name: string }>`select id, name from spillway.migration order by id`
})

const all = migrations.map(({ id, name }) => ({ id, name }))

it("migrations are numbered densely from 1", () => {
  expect(migrations.map(({ id }) => id)).toEqual(migrations.map((_, i) => i + 1))
})

it.live("four servers that start at once apply every migration once", () =>
  Effect.gen(function* () {
    const { url } = yield* TestDatabase
    yield* Effect.all(
      Array.from({ length: 4 }, () => migrate({ url })),
      { concurrency: "unbounded" }
    )
    expect(yield* applied).toEqual(all)
  }).pipe(Effect.provide(TestDatabase.layerClient))
)

it.live("a database that is up to date is left as it is", () =>
  Effect.gen(function* () {
    const { url } = yield* TestDatabase
    const sql = yield* PgClient.PgClient
    yield* migrate({ url })
    const before = yield* sql`select log_id, position from spillway.log_head`
    yield* migrate({ url })
    expect(yield* sql`select log_id, position from spillway.log_head`).toEqual(before)
    expect(yield* applied).toEqual(all)
  }).pipe(Effect.provide(TestDatabase.layerClient))
)

it.live("a migration that fails leaves nothing of this start, and the next start can succeed", () =>
  Effect.gen(function* () {
    const { url } = yield* TestDatabase
    const sql = yield* PgClient.PgClient
    yield* migrate({ url })
    const next = { id: migrations.length + 1, name: "next", statements: ["create table extra (id int)"] }
    const broken = { ...next, statements: [...next.statements, "create table extra (id int)"] }
    const failure = yield* Effect.flip(migrate({ url }, [...migrations, broken]))
    expect(failure._tag).toBe("MigrationFailed")
    expect(failure.message).toContain('relation "extra" already exists')
    expect(yield* sql`select to_regclass('spillway.extra') as extra`).toEqual([{ extra: null }])
    yield* migrate({ url }, [...migrations, next])
    expect(yield* applied).toEqual([...all, { id: next.id, name: next.name }])
  }).pipe(Effect.provide(TestDatabase.layerClient))
)

it.live("a schema made by a newer version, or changed since, is refused with what to do", () =>
  Effect.gen(function* () {
    const { url } = yield* TestDatabase
    const next = { id: migrations.length + 1, name: "next", statements: ["create table extra (id int)"] }
    yield* migrate({ url }, [...migrations, next])
    const newer = yield* Effect.flip(migrate({ url }))
    expect(newer._tag).toBe("SchemaUnknown")
    expect(newer.message).toBe(
      `The schema "spillway" was made by a newer Spillway (migration ${next.id}, next): start that version or newer.`
    )
    const changed = yield* Effect.flip(
      migrate({ url }, [...migrations, { ...next, statements: ["select 1"] }])
    )
    expect(changed._tag).toBe("SchemaUnknown")
  }).pipe(Effect.provide(TestDatabase.layer))
)

it.live("two schemas of one database are two logs, and `public` stays empty", () =>
  Effect.gen(function* () {
    const { url } = yield* TestDatabase
    const sql = yield* PgClient.PgClient
    yield* migrate({ url })
    yield* migrate({ url, schema: "other" })
    const ids = yield* sql`select log_id from spillway.log_head union select log_id from other.log_head`
    expect(ids).toHaveLength(2)
    expect(yield* sql`select relname from pg_class where relnamespace = 'public'::regnamespace`).toEqual([])
  }).pipe(Effect.provide(TestDatabase.layerClient))
)

it.live("a schema name that would need quoting is refused", () =>
  Effect.gen(function* () {
    const { url } = yield* TestDatabase
    const failure = yield* Effect.flip(migrate({ url, schema: 'x"; drop schema public; --' }))
    expect(failure._tag).toBe("MigrationFailed")
  }).pipe(Effect.provide(TestDatabase.layer))
)

it.live("a server that is missing is one sentence that says what to do", () =>
  Effect.gen(function* () {
    const failure = yield* Effect.flip(migrate({ url: Redacted.make("postgres://nobody@127.0.0.1:9/none") }))
    expect(failure._tag).toBe("DatabaseUnreachable")
    expect(failure.message).toBe(
      "The database can't be reached (connect ECONNREFUSED 127.0.0.1:9): check DATABASE_URL and that the server runs, or unset it to use the embedded Postgres."
    )
  })
)

it.live("a name with several addresses, none of which answers, is one sentence too", () =>
  Effect.gen(function* () {
    const failure = yield* Effect.flip(migrate({ url: Redacted.make("postgres://nobody@localhost:9/none") }))
    expect(failure.message).toMatch(
      /^The database can't be reached \(connect ECONNREFUSED \S+:9\): check DATABASE_URL/
    )
  })
)

it.live("a database that does not exist is one sentence that says what to do", () =>
  Effect.gen(function* () {
    const { url } = yield* TestDatabase
    const failure = yield* Effect.flip(migrate({ url, database: "nowhere" }))
    expect(failure._tag).toBe("DatabaseUnreachable")
    expect(failure.message).toContain('database "nowhere" does not exist')
  }).pipe(Effect.provide(TestDatabase.layer))
)

it("a server older than Postgres 15 is refused with what to do", () => {
  const versions = ["9.6.24", "14.12 (Debian 14.12-1)", "15.0", "17.2", "18beta1"]
  expect(versions.filter(isTooOld)).toEqual(["9.6.24", "14.12 (Debian 14.12-1)"])
  expect(tooOld("14.12").message).toBe(
    "The database runs Postgres 14.12 and Spillway needs 15 or newer: upgrade it, or unset DATABASE_URL to use the embedded Postgres."
  )
})
