import { describe, expect, it } from "@effect/vitest"
import { PgConnection } from "@effect/sql-pg"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { Effect, Redacted } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

const fixture = new URL("fixtures/thousandTurns.ts", import.meta.url).pathname

interface Said {
  readonly completed: number
  readonly handled: number
  readonly followed: number
  readonly codes: ReadonlyArray<number>
}

/**
 * Runs the service until it has no handle but those from before Spillway was there, and its process ends by itself. One that has, or does
 * not, lets the test run out of time, and is killed then.
 */
const runService = (database: string) =>
  Effect.acquireUseRelease(
    Effect.sync(() =>
      spawn(process.execPath, ["--conditions=@spillway/source", "--no-warnings", fixture, database], {
        stdio: ["ignore", "pipe", "inherit"]
      })
    ),
    (child) =>
      Effect.promise(async () => {
        let said = ""
        child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()))
        const [code] = await once(child, "close")
        expect(code).toBe(0)
        return JSON.parse(said) as Said
      }),
    (child) => Effect.sync(() => void child.kill("SIGKILL"))
  )

const expectAllDone = ({ codes, completed, followed, handled }: Said) => {
  expect({ completed, followed, handled }).toEqual({ completed: 1_000, followed: 1_000, handled: 1_000 })
  expect(codes).toEqual([1001, 1001])
}

describe("close, after a thousand turns", () => {
  it.live(
    "leaves no handle and no connection, and the process ends by itself",
    () =>
      Effect.gen(function* () {
        const { name, url } = yield* TestDatabase
        expectAllDone(yield* runService(Redacted.value(url)))
        const connection = yield* PgConnection.make({ url })
        const { rows } = yield* connection.query(
          "select application_name from pg_stat_activity where datname = $1::text and pid <> pg_backend_pid()",
          [name]
        )
        expect(rows).toEqual([])
      }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer)),
    90_000
  )

  it.live(
    "leaves no child process of the embedded Postgres",
    () =>
      Effect.acquireUseRelease(
        Effect.promise(() => mkdtemp(join(tmpdir(), "spillway-close-"))),
        (directory) =>
          Effect.gen(function* () {
            expectAllDone(yield* runService(directory))
            // Postgres takes its lock file along as the last thing that it does.
            expect(existsSync(join(directory, "postgres", "PG_VERSION"))).toBe(true)
            expect(existsSync(join(directory, "postgres", "postmaster.pid"))).toBe(false)
          }),
        (directory) => Effect.promise(() => rm(directory, { recursive: true, force: true }))
      ),
    90_000
  )
})
