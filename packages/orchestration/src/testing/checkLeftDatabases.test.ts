import { EmbeddedPostgres } from "@spillway/embedded-postgres"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { PgConnection } from "@effect/sql-pg"
import { expect, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { migrate } from "../postgres/migrate.ts"
import { migrations } from "../postgres/migrations/index.ts"
import * as PostgresReadModels from "../projections/PostgresReadModels.ts"
import { Publisher } from "../Publisher.ts"
import { ReadModels } from "../ReadModels.ts"
import * as c from "./commands.ts"
import { process as processOf } from "./readModelStack.ts"
import { scenarioThread } from "./scenario.ts"
import { ThreadLog } from "./ThreadLog.ts"

const program = fileURLToPath(new URL("checkLeftDatabases.ts", import.meta.url))

it.live(
  "E9 a read model that is not what its log says makes the run of the tests fail, with the test's name",
  () =>
    Effect.gen(function* () {
      const server = yield* EmbeddedPostgres.startTemporary({ durable: false })
      const admin = yield* PgConnection.make(server.connection)
      const query = (statement: string) => admin.query(statement)

      const check = Effect.promise(async () => {
        const child = spawn(process.execPath, ["--conditions=@spillway/source", "--no-warnings", program], {
          stdio: ["ignore", "pipe", "inherit"],
          env: { ...process.env, SPILLWAY_LEFT_DATABASES: Redacted.value(server.url) }
        })
        let said = ""
        child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")))
        const [code] = (await once(child, "close")) as [number]
        return { code, said }
      })

      /** A database as a test of that name leaves it. */
      const leave = Effect.fnUntraced(function* (name: string, comment: string, damage: string) {
        yield* query(`create database ${name}`)
        yield* query(`comment on database ${name} is '${comment}'`)
        const url = new URL(Redacted.value(server.url))
        url.pathname = `/${name}`
        const database = Layer.succeed(TestDatabase, { name, url: Redacted.make(url.href) })
        yield* Effect.gen(function* () {
          const log = yield* ThreadLog
          yield* (yield* ReadModels).waitFor(yield* log.run(scenarioThread, c.create({ title: "A title" })))
          yield* (yield* SqlClient).unsafe(damage)
        }).pipe(
          Effect.provide(
            PostgresReadModels.layer.pipe(
              Layer.provideMerge(ThreadLog.layer),
              Layer.provideMerge(Publisher.layer),
              Layer.provideMerge(processOf),
              Layer.provide(database)
            ),
            { local: true }
          )
        )
      })

      yield* leave("left_good", "a.test.ts > is good", "select 1")
      yield* leave("left_known", "damaged: on purpose", "delete from thread")
      yield* query("create database left_older")
      yield* Effect.scoped(migrate({ ...server.connection, database: "left_older" }, migrations.slice(0, 2)))
      yield* query("create database left_empty")
      const good = yield* check
      expect(good.said).toContain(
        "Read models: 1 logs in 4 databases that tests left behind, with 1 events, were compared with 2 rows"
      )
      expect(good.said).toContain(
        ": none differs; not compared: 1 damaged on purpose (on purpose), 1 with tables of an older version"
      )
      expect(good.code).toBe(0)

      yield* leave("left_bad", "b.test.ts > is bad", "update thread set title = 'Another'")
      // Its test was cut off.
      yield* leave("test_worse", "c.test.ts > is worse", "delete from thread_title")
      const bad = yield* check
      expect(bad.code).toBe(1)
      expect(bad.said).toContain(": 2 DIFFER.")
      expect(bad.said).toContain("FAILED left_bad, spillway (b.test.ts > is bad): 1 difference\n")
      expect(bad.said).toContain('thread.title of default thread: "Another", and by the log "A title"')
      expect(bad.said).toContain("FAILED test_worse, spillway (c.test.ts > is worse): ")
      expect((yield* query("select datname from pg_database where datname ~ '^(left|test)_'")).rows).toEqual(
        []
      )
    }).pipe(Effect.scoped)
)
