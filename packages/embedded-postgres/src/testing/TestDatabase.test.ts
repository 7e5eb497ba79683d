import { PgClient, PgConnection } from "@effect/sql-pg"
import { expect, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import { TestDatabase } from "./TestDatabase.ts"

const tables = Effect.gen(function* () {
  const sql = yield* PgClient.PgClient
  return yield* sql<{ name: string }>`select tablename as name from pg_tables where schemaname = 'public'`
})

it.live("each layer is a fresh, empty database", () => {
  const createNote = Effect.gen(function* () {
    const sql = yield* PgClient.PgClient
    expect(yield* tables).toEqual([])
    yield* sql`create table note (text text)`
    expect(yield* tables).toEqual([{ name: "note" }])
    return (yield* TestDatabase).name
  })
  return Effect.gen(function* () {
    const first = yield* createNote.pipe(Effect.provide(TestDatabase.layerClient, { local: true }))
    const second = yield* createNote.pipe(Effect.provide(TestDatabase.layerClient, { local: true }))
    expect(first).not.toBe(second)
  })
})

it.live("a database can be copied from another one", () =>
  Effect.gen(function* () {
    const template = yield* TestDatabase.make()
    yield* Effect.gen(function* () {
      const sql = yield* PgClient.PgClient
      yield* sql`create table note (text text)`
    }).pipe(Effect.provide(PgClient.layer({ url: template.url })))
    const copy = yield* TestDatabase.make({ template: template.name })
    expect(yield* tables.pipe(Effect.provide(PgClient.layer({ url: copy.url })))).toEqual([{ name: "note" }])
  })
)

it.live("a database is dropped with its scope, also under an open connection", () =>
  Effect.gen(function* () {
    const observer = yield* TestDatabase.make()
    const scope = yield* Scope.make()
    const database = yield* TestDatabase.make().pipe(Scope.provide(scope))
    yield* PgConnection.make({ url: database.url })
    const found = Effect.gen(function* () {
      const sql = yield* PgClient.PgClient
      return yield* sql`select datname from pg_database where datname = ${database.name}`
    }).pipe(Effect.provide(PgClient.layer({ url: observer.url })))
    expect(yield* found).toHaveLength(1)
    yield* Scope.close(scope, Exit.void)
    expect(yield* found).toHaveLength(0)
  })
)
