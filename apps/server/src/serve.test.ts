import { describe, expect, it, vi } from "@effect/vitest"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { Effect, Redacted } from "effect"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { collector, nobody, stuckCollector } from "./testing/Collector.ts"
import { runSpillway, spawnSpillway, startServer, stopServer } from "./testing/SpillwayProcess.ts"

const scratch = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "spillway-serve-"))),
  (directory) => Effect.promise(() => rm(directory, { recursive: true, force: true }))
)

const linesOf = (stderr: string): ReadonlyArray<Record<string, unknown>> =>
  stderr
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>)

/** It ends by itself, with one line on stderr that says what to do. */
const expectOneLine = (
  ended: { code: number | null; stdout: string; stderr: string },
  ...words: ReadonlyArray<string>
) => {
  expect(ended.code).toBe(1)
  expect(ended.stdout).toBe("")
  expect(ended.stderr).toMatch(/^[^\n]+\n$/)
  for (const word of words) expect(ended.stderr).toContain(word)
}

/** Processes that start others: slow on a busy machine. */
vi.setConfig({ testTimeout: 120_000 })

describe("spillway serve", () => {
  it.live(
    "brings an embedded Postgres along, says where it is and what to try, and stops it with itself",
    () =>
      Effect.gen(function* () {
        const directory = yield* scratch
        const environment = { SPILLWAY_DATA_DIR: directory, SPILLWAY_PORT: "0" }
        // As npm says it to what it runs.
        const server = yield* startServer({ ...environment, npm_package_name: "spillway-workspace" })
        yield* server.printed(/database {2}embedded Postgres in \S*spillway-serve-/)
        yield* server.printed(/runtime {3}scripted, because no model is configured \(set ANTHROPIC_API_KEY/)
        yield* server.printed(
          /npm run --silent spillway -- turn --thread t1 --text "hello" --mode streaming --url ws:/
        )
        // A second one does not get the directory that the first one holds.
        expectOneLine(yield* runSpillway(["serve"], environment), directory, "DATABASE_URL")
        expect(yield* stopServer(server, "SIGINT")).toBe(0)
        expect(yield* stopServer(yield* startServer(environment), "SIGTERM")).toBe(0)
      }).pipe(Effect.scoped)
  )

  it.live("keeps stdout for what was asked: its log is on stderr, one JSON object a line", () =>
    Effect.gen(function* () {
      const { url } = yield* TestDatabase
      const environment = { DATABASE_URL: Redacted.value(url), SPILLWAY_PORT: "0" }
      const server = yield* startServer({
        ...environment,
        SPILLWAY_LOG_LEVEL: "debug",
        ANTHROPIC_API_KEY: "none",
        SPILLWAY_PROT: "1",
        npm_lifecycle_event: "npx"
      })
      yield* stopServer(server)
      const { stderr, stdout } = yield* server.ended
      expect(stdout).toMatch(/^Spillway is ready at /)
      expect(stdout).toMatch(/runtime {3}ai-sdk, anthropic\//)
      expect(stdout).toMatch(/^ {2}npx @spillway\/server turn --thread t1 /m)
      expect(stdout).not.toMatch(/password|postgres:postgres/)
      const lines = linesOf(stderr)
      for (const line of lines) {
        expect(line).toMatchObject({
          time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
          level: expect.stringMatching(/^(debug|info|warn)$/),
          message: expect.any(String)
        })
      }
      expect(lines.filter(({ level }) => level === "warn")).toMatchObject([
        { message: expect.stringMatching(/^SPILLWAY_PROT is no setting .* SPILLWAY_PORT\.$/) }
      ])
      expect(lines).toContainEqual(
        expect.objectContaining({ message: "Spillway is ready", address: `127.0.0.1:${server.port}` })
      )
      expect(lines.at(-1)).toMatchObject({ level: "info", message: "Spillway is stopping" })
    }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
  )

  it.live(
    "says nothing on stdout to a program that asks for JSON, and in no log what was said in a turn",
    () =>
      Effect.gen(function* () {
        const { url } = yield* TestDatabase
        const database = Redacted.value(url)
        const server = yield* spawnSpillway(["serve"], {
          DATABASE_URL: database,
          SPILLWAY_PORT: "0",
          SPILLWAY_LOG: "json",
          SPILLWAY_LOG_LEVEL: "all",
          SPILLWAY_TOKEN: "open-sesame"
        })
        const [, address] = yield* server.printed(/"address":"([^"]+)"/)
        for (const script of ["tools", "error", "retry", "reasoning"]) {
          yield* runSpillway(
            [
              "turn",
              "--thread",
              "t1",
              "--text",
              `a confidential question [[${script}]]`,
              "--mode",
              "streaming"
            ],
            { SPILLWAY_URL: `ws://${address}`, SPILLWAY_TOKEN: "open-sesame" }
          )
        }
        expect(yield* stopServer(server)).toBe(0)
        const { stderr, stdout } = yield* server.ended
        expect(stdout).toBe("")
        expect(linesOf(stderr).length).toBeGreaterThan(2)
        const said = ["three gauges", "read_gauge", "4.2", "going well", "third attempt", "97 is prime"]
        // A time may look like a reading.
        const logged = linesOf(stderr).map((line) => JSON.stringify({ ...line, time: null }))
        for (const text of ["confidential", "open-sesame", ...said]) {
          expect(logged.join("\n")).not.toContain(text)
        }
      }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
  )

  it.live(
    "exports the spans of a turn, with what was said only when asked to, and ends well without a collector",
    () =>
      Effect.gen(function* () {
        const database = Redacted.value((yield* TestDatabase).url)
        const { received, url } = yield* collector
        const environment = {
          DATABASE_URL: database,
          SPILLWAY_PORT: "0",
          SPILLWAY_OTLP_ENDPOINT: url,
          OTEL_EXPORTER_OTLP_PROTOCOL: "http/json"
        }
        const exported = Effect.fnUntraced(function* (more: Record<string, string>) {
          received.length = 0
          const server = yield* startServer({ ...environment, ...more })
          const turn = yield* runSpillway(["turn", "--thread", "t1", "--text", "confidential [[tools]]"], {
            SPILLWAY_URL: server.url
          })
          expect([turn.code, yield* stopServer(server)]).toEqual([0, 0])
          return received.map(({ body }) => body.toString("utf8")).join("\n")
        })
        const without = yield* exported({})
        for (const name of ["spillway.turn", "spillway.command", "execute_tool read_gauge"]) {
          expect(without).toContain(`"name":"${name}"`)
        }
        expect(new Set(received.map(({ path }) => path))).toEqual(
          new Set(["/v1/traces", "/v1/metrics", "/v1/logs"])
        )
        expect(without).not.toMatch(/confidential|three gauges|sql\.execute/)
        expect(yield* exported({ SPILLWAY_TRACE_CONTENT: "true" })).toMatch(/confidential/)
        expect(yield* exported({ OTEL_TRACES_SAMPLER: "always_off" })).not.toContain("spillway.turn")
        yield* exported({ SPILLWAY_OTLP_ENDPOINT: yield* nobody })
        yield* exported({ SPILLWAY_OTLP_ENDPOINT: (yield* stuckCollector).url })
      }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
  )

  it.live("that can't start says why in one line and exits with 1", () =>
    Effect.gen(function* () {
      const directory = yield* scratch
      const { url } = yield* TestDatabase
      const database = { DATABASE_URL: Redacted.value(url) }
      const server = yield* startServer({ ...database, SPILLWAY_PORT: "0" })
      expectOneLine(
        yield* runSpillway(["serve"], { ...database, SPILLWAY_PORT: server.port }),
        `Port ${server.port} is taken`,
        "SPILLWAY_PORT"
      )
      expectOneLine(
        yield* runSpillway(["serve"], {
          DATABASE_URL: "postgres://nobody:secret@127.0.0.1:1/none",
          SPILLWAY_PORT: "0"
        }),
        "can't be reached",
        "DATABASE_URL"
      )
      const file = join(directory, "file")
      yield* Effect.promise(() => writeFile(file, ""))
      expectOneLine(
        yield* runSpillway(["serve"], { SPILLWAY_DATA_DIR: join(file, "data"), SPILLWAY_PORT: "0" }),
        "can't be written",
        "DATABASE_URL"
      )
      expectOneLine(yield* runSpillway(["serve"], { SPILLWAY_HOST: "0.0.0.0" }), "SPILLWAY_TOKEN")
      expectOneLine(yield* runSpillway(["serve"], { SPILLWAY_LOG_LEVEL: "loud" }), "SPILLWAY_LOG_LEVEL")
      expectOneLine(yield* runSpillway(["serve"], { ...database, SPILLWAY_MODEL: "gpt" }), "SPILLWAY_MODEL")
    }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
  )
})
