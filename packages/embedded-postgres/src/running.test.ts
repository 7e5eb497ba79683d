import { PgConnection } from "@effect/sql-pg"
import { expect, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import { join } from "node:path"
import { EmbeddedPostgres } from "./EmbeddedPostgres.ts"
import { temporaryDirectory } from "./fixtures/world.ts"

it.live("a Postgres that somebody runs on a directory is found by others, for as long as it runs", () =>
  Effect.gen(function* () {
    const directory = join(yield* temporaryDirectory, "data")
    expect(yield* EmbeddedPostgres.exists(directory)).toBe(false)
    expect(yield* EmbeddedPostgres.running(directory)).toBe(undefined)

    const scope = yield* Scope.make()
    const { connection } = yield* EmbeddedPostgres.start({ directory, durable: false }).pipe(
      Scope.provide(scope)
    )
    const found = yield* EmbeddedPostgres.running(directory)
    expect(found).toEqual(connection)
    const answer = yield* Effect.scoped(
      Effect.flatMap(PgConnection.make(found!), (other) => other.query("select 1 as one"))
    )
    expect(answer.rows).toEqual([{ one: 1 }])

    yield* Scope.close(scope, Exit.void)
    expect(yield* EmbeddedPostgres.exists(directory)).toBe(true)
    expect(yield* EmbeddedPostgres.running(directory)).toBe(undefined)
  }).pipe(Effect.scoped)
)
