import { PgClient } from "@effect/sql-pg"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { migrate } from "../migrate.ts"
import { migrations } from "./index.ts"

it.live("a projection keeps its position, and of several versions the last one stays", () =>
  Effect.gen(function* () {
    const { url } = yield* TestDatabase
    yield* TestDatabase.damaged("checkpoints without a log")
    const sql = yield* PgClient.PgClient
    yield* migrate({ url }, migrations.slice(0, 5))
    yield* sql`insert into spillway.projection (name, version, position, failed) values
      ('threads', 1, 40, null), ('threads', 2, 30, 'an event'), ('other', 1, 7, null)`
    yield* migrate({ url })
    expect(
      yield* sql`select name, version, generation, position, failed from spillway.projection order by name`
    ).toEqual([
      { name: "other", version: 1, generation: 1, position: 7n, failed: null },
      { name: "threads", version: 2, generation: 1, position: 30n, failed: "an event" }
    ])
    expect(yield* sql`select from spillway.projection_rebuild`).toEqual([])
  }).pipe(Effect.provide(TestDatabase.layerClient))
)
