import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { dumpSchema } from "./dumpSchema.ts"
import { migrate } from "./migrate.ts"

const reviewed = new URL("schema.sql", import.meta.url)

it.live("schema.sql is what the migrations come to", () =>
  Effect.gen(function* () {
    const { url } = yield* TestDatabase
    yield* migrate({ url })
    const dump = yield* dumpSchema({ url })
    if (process.env.SPILLWAY_WRITE_SCHEMA === "1") writeFileSync(reviewed, dump)
    expect(dump).toBe(readFileSync(reviewed, "utf8"))
  }).pipe(Effect.provide(TestDatabase.layer))
)
