import { ThreadId } from "@spillway/contracts"
import { expect, it } from "@effect/vitest"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { logStack } from "../testing/readModelStack.ts"
import { ThreadLog } from "../testing/ThreadLog.ts"
import * as PostgresSubscriptions from "./PostgresSubscriptions.ts"
import { Subscriptions } from "./Subscriptions.ts"

const fixture = new URL("fixtures/noteEvents.ts", import.meta.url).pathname

/** A process that notes events, until it is killed. */
const spawnProcess = Effect.fnUntraced(function* () {
  const { url } = yield* TestDatabase
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, ["--conditions=@spillway/source", "--no-warnings", fixture], {
        env: { ...process.env, DATABASE_URL: Redacted.value(url) },
        stdio: ["ignore", "pipe", "inherit"]
      })
    ),
    (child) => Effect.sync(() => void child.kill("SIGKILL"))
  )
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  return {
    /** Kills it once it has said so many lines. */
    killBehind: (count: number) =>
      Effect.promise(async () => {
        for (let i = 0; i < count; i++) await lines.next()
        child.kill("SIGKILL")
        if (child.exitCode === null && child.signalCode === null) await once(child, "exit")
      })
  }
})

it.live(
  "a subscription whose processes are killed handles every event at least once, and exactly once in its transaction",
  () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const log = yield* ThreadLog
      const subscriptions = yield* Subscriptions
      yield* sql`create table noted (id bigint generated always as identity, name text, position bigint)`
      const head = yield* log.append(
        Array.from({ length: 90 }, (_, i) => ({
          threadId: ThreadId.make(`thread-${i % 4}`),
          event: { type: "thread.updated", data: { title: `title ${i}` } } as const
        }))
      )
      for (const lines of [1, 6, 3, 8])
        yield* Effect.flatMap(spawnProcess(), ({ killBehind }) => killBehind(lines))
      // The last one takes over from those that were killed while it waits.
      yield* spawnProcess()
      yield* Effect.all([subscriptions.waitFor("once", head), subscriptions.waitFor("least", head)])

      const noted = (name: string) =>
        Effect.map(
          sql<{ readonly position: bigint }>`select position from noted where name = ${name} order by id`,
          (rows) => rows.map(({ position }) => Number(position))
        )
      const all = Array.from({ length: head }, (_, i) => i + 1)
      expect(yield* noted("once")).toEqual(all)
      let through = 0
      for (const position of yield* noted("least")) {
        expect(position).toBeLessThanOrEqual(through + 1)
        through = Math.max(through, position)
      }
      expect(through).toBe(head)
    }).pipe(Effect.scoped, Effect.provide(PostgresSubscriptions.layer().pipe(Layer.provideMerge(logStack)))),
  60_000
)
