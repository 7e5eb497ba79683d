import { describe, expect, it, vi } from "@effect/vitest"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { Effect, Redacted } from "effect"
import {
  type Environment,
  runSpillway,
  spawnSpillway,
  startServer,
  stopServer
} from "../testing/SpillwayProcess.ts"

/** A server process on the test's database, at any free port. */
const onDatabase = Effect.map(TestDatabase, ({ url }): Environment => ({
  DATABASE_URL: Redacted.value(url),
  SPILLWAY_PORT: "0"
}))

const linesOf = (text: string) => text.split("\n").filter((line) => line !== "")
const isDurable = (line: string) => (JSON.parse(line) as { type: string }).type !== "live"

/** Processes that start others: slow on a busy machine. */
vi.setConfig({ testTimeout: 120_000 })

describe("spillway turn", () => {
  it.live(
    "prints every event as the log holds it: the same lines as log tail, also after a restart of the server",
    () =>
      Effect.gen(function* () {
        const environment = yield* onDatabase
        const server = yield* startServer(environment)
        const at = ["--url", server.url]
        const first = yield* runSpillway([
          "turn",
          "--thread",
          "t1",
          "--text",
          "hello",
          "--mode",
          "streaming",
          "--json",
          ...at
        ])
        expect(first.code).toBe(0)
        const lines = linesOf(first.stdout)
        expect(JSON.parse(lines[0]!)).toMatchObject({ type: "thread.created", threadId: "t1", version: 1 })
        expect(JSON.parse(lines.at(-1)!)).toMatchObject({ type: "thread.turn-completed" })
        expect(lines.some((line) => !isDurable(line))).toBe(true)

        // A second turn of the thread prints its own events only; one that fails ends with another exit code.
        const second = yield* runSpillway(["turn", "--thread", "t1", "--text", "[[error]]", "--json", ...at])
        expect(second.code).toBe(1)
        expect(JSON.parse(linesOf(second.stdout).at(-1)!)).toMatchObject({ type: "thread.turn-failed" })
        expect(second.stderr).toMatch(/did not complete: turn-failed/)
        const durable = [...lines, ...linesOf(second.stdout)].filter(isDurable)

        const tail = ["log", "tail", "--thread", "t1", "--json"]
        expect(linesOf((yield* runSpillway([...tail, ...at])).stdout)).toEqual(durable)
        expect(yield* stopServer(server)).toBe(0)
        const again = yield* startServer(environment)
        expect(linesOf((yield* runSpillway([...tail, "--url", again.url])).stdout)).toEqual(durable)
      }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
  )

  it.live(
    "is pleasant to read without --json, takes options for the runtime, and finds the server by the environment",
    () =>
      Effect.gen(function* () {
        const server = yield* startServer(yield* onDatabase)
        const environment = { SPILLWAY_URL: server.url }
        const tools = yield* runSpillway(
          ["turn", "-t", "t2", "--text", "go", "--script", "tools"],
          environment
        )
        expect(tools.code).toBe(0)
        expect(tools.stdout).toMatch(/read_gauge \{"gauge":"north"\}\n/)
        expect(tools.stdout).toMatch(/→ read_gauge \{"metres":4\.2\}\n/)
        expect(tools.stdout).toMatch(/✓ completed {2}2 steps, \d+ tokens in, \d+ out\n$/)
        const stream = [
          "--script",
          "stream",
          "--option",
          "deltas=3",
          "--option",
          "deltaSize=4",
          "--option",
          "intervalMs=0"
        ]
        const short = yield* runSpillway(["turn", "-t", "t2", "--text", "go", ...stream], environment)
        expect(short.stdout).toMatch(/^0 1 2 3 4 5 \n✓ completed/)
        const unknown = yield* runSpillway(
          ["turn", "-t", "t2", "--text", "go", "--runtime", "nope"],
          environment
        )
        expect(unknown.code).toBe(1)
        expect(unknown.stdout).toMatch(/✗ failed: .*nope/)
      }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
  )

  it.live("shows how a request is answered, and goes on when it is; a second answer is refused", () =>
    Effect.gen(function* () {
      const server = yield* startServer(yield* onDatabase)
      const at = ["--url", server.url]
      const turn = yield* spawnSpillway(["turn", "--thread", "t3", "--text", "[[approval]]", "--json", ...at])
      const [, answer] = yield* turn.printed(/To answer: spillway (respond .*--approve)/)
      const respond = answer!.split(" ")
      expect(respond).toEqual(expect.arrayContaining(at))
      expect(yield* runSpillway(respond)).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^Answered /)
      })
      expect((yield* turn.ended).code).toBe(0)
      expect(yield* runSpillway(respond)).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^[^\n]*RequestAlreadyResolved[^\n]*\n$/)
      })
      const question = yield* spawnSpillway(["turn", "--thread", "t3", "--text", "[[question]]", ...at])
      yield* question.printed(/To answer: /)
      const deny = yield* runSpillway(["respond", "--thread", "t3", "--deny", ...at])
      expect(deny).toMatchObject({ code: 1, stderr: expect.stringMatching(/--answer/) })
      const answers = ["--answer", "river=Aare", "--answer", "when=at a = b"]
      expect((yield* runSpillway(["respond", "--thread", "t3", ...answers, ...at])).code).toBe(0)
      expect((yield* question.ended).code).toBe(0)
    }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
  )

  it.live("is stopped by spillway interrupt, and then exits with 1", () =>
    Effect.gen(function* () {
      const server = yield* startServer(yield* onDatabase)
      const at = ["--url", server.url]
      const turn = yield* spawnSpillway([
        "turn",
        "--thread",
        "t4",
        "--text",
        "[[slow]]",
        "--mode",
        "streaming",
        "--json",
        ...at
      ])
      yield* turn.printed(/"type":"live"/)
      expect(yield* runSpillway(["interrupt", "--thread", "t4", ...at])).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^Turn \S+ stops\.\n$/)
      })
      const ended = yield* turn.ended
      expect(ended.code).toBe(1)
      expect(JSON.parse(linesOf(ended.stdout).at(-1)!)).toMatchObject({ type: "thread.turn-interrupted" })
      const nothing = yield* runSpillway(["interrupt", "--thread", "t4", ...at])
      expect(nothing).toMatchObject({ code: 1, stderr: "No turn runs in thread t4.\n" })
    }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
  )

  it.live("goes on by itself when the server is restarted under it, and loses no line", () =>
    Effect.gen(function* () {
      const environment = yield* onDatabase
      const server = yield* startServer(environment)
      const at = ["--url", server.url]
      const turn = yield* spawnSpillway(["turn", "--thread", "t5", "--text", "[[approval]]", "--json", ...at])
      yield* turn.printed(/To answer: /)
      expect(yield* stopServer(server)).toBe(0)
      yield* startServer({ ...environment, SPILLWAY_PORT: server.port })
      // What the restart wrote arrives on the connection that was made again.
      yield* turn.printed(/"reason":"parked"/)
      expect((yield* runSpillway(["respond", "--thread", "t5", "--approve", ...at])).code).toBe(0)
      const ended = yield* turn.ended
      expect(ended.code).toBe(0)
      const tail = yield* runSpillway(["log", "tail", "--thread", "t5", "--json", ...at])
      expect(linesOf(ended.stdout).filter(isDurable)).toEqual(linesOf(tail.stdout))
    }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
  )
})

describe("spillway log tail", () => {
  it.live("prints the whole log with positions, from any on, and says when there is nothing", () =>
    Effect.gen(function* () {
      const server = yield* startServer(yield* onDatabase)
      const at = ["--url", server.url]
      yield* runSpillway(["turn", "--thread", "t6", "--text", "hello", ...at])
      const all = linesOf((yield* runSpillway(["log", "tail", "--json", ...at])).stdout)
      const positions = all.map((line) => (JSON.parse(line) as { position: number }).position)
      expect(positions).toEqual(positions.map((_, i) => i + 1))
      expect(linesOf((yield* runSpillway(["log", "tail", "--from", "4", "--json", ...at])).stdout)).toEqual(
        all.slice(3)
      )
      const readable = linesOf((yield* runSpillway(["log", "tail", "--thread", "t6", ...at])).stdout)
      expect(readable).toHaveLength(all.length)
      expect(readable[0]).toMatch(/^ +1 {2}\d\d:\d\d:\d\d\.\d{3} {2}created {2}\{\}$/)
      expect(yield* runSpillway(["log", "tail", "--thread", "nope", ...at])).toMatchObject({
        code: 1,
        stderr: "There is no such thread.\n"
      })
    }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
  )
})

describe("the command line", () => {
  it.live("says in one line that there is no server, and how to start one", () =>
    Effect.gen(function* () {
      for (const command of [
        ["turn", "--thread", "t", "--text", "x"],
        ["respond", "--thread", "t", "--approve"],
        ["interrupt", "--thread", "t"],
        ["log", "tail"]
      ]) {
        expect(yield* runSpillway([...command, "--url", "ws://127.0.0.1:1"])).toEqual({
          code: 1,
          stdout: "",
          stderr: "There is no server at ws://127.0.0.1:1: start one with spillway serve.\n"
        })
      }
    })
  )

  it.live("helps: each command with examples, and a wrong one with where to look", () =>
    Effect.gen(function* () {
      for (const command of [[], ["serve"], ["turn"], ["respond"], ["interrupt"], ["log", "tail"]]) {
        const help = yield* runSpillway([...command, "--help"])
        expect(help).toMatchObject({ code: 0, stderr: "" })
        expect(help.stdout).toMatch(/EXAMPLES\n[\s\S]*spillway /)
      }
      expect((yield* runSpillway([])).code).toBe(0)
      expect(yield* runSpillway(["turn", "--thread", "t", "--mode", "loud"])).toMatchObject({
        code: 1,
        stdout: "",
        stderr: expect.stringMatching(/buffered[\s\S]*See spillway turn --help\.\n$/)
      })
    })
  )
})
