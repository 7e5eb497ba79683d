import { expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Logger, Schedule } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import {
  alive,
  ended,
  entries,
  failed,
  gone,
  holdPostgres,
  query,
  started,
  temporaryDirectory
} from "./fixtures/world.ts"
import { EmbeddedPostgres } from "./index.ts"

it.live("when its launcher is killed, it stops, and the directory can be used at once", () =>
  Effect.gen(function* () {
    const directory = yield* temporaryDirectory
    const program = yield* holdPostgres({ directory })
    const { pid } = yield* started(program)
    yield* Effect.promise(program.kill)
    const server = yield* EmbeddedPostgres.start({ directory, durable: false })
    yield* ended(pid)
    expect(yield* query(server.connection, "select 1 as one")).toEqual([{ one: 1 }])
  })
)

it.live("when its launcher is killed, a socket directory elsewhere is removed", () =>
  Effect.gen(function* () {
    const directory = Path.join(yield* temporaryDirectory, "x".repeat(120))
    const program = yield* holdPostgres({ directory })
    const { pid, socketDirectory } = yield* started(program)
    expect(socketDirectory.startsWith(directory)).toBe(false)
    yield* Effect.promise(program.kill)
    yield* gone(socketDirectory)
    expect(alive(pid)).toBe(false)
  })
)

it.live("when its launcher is killed, a temporary one removes itself with its data", () =>
  Effect.gen(function* () {
    const program = yield* holdPostgres({})
    const { pid, socketDirectory, dataDirectory } = yield* started(program)
    expect(Path.dirname(dataDirectory)).toBe(socketDirectory)
    yield* Effect.promise(program.kill)
    yield* gone(socketDirectory)
    expect(alive(pid)).toBe(false)
  })
)

it.live(
  "when its launcher is killed during initdb, nothing of that stays, and the next start begins anew",
  () =>
    Effect.gen(function* () {
      const directory = yield* temporaryDirectory
      const program = yield* holdPostgres({ directory })
      yield* entries(directory, (names) => names.some((name) => name.includes(".initializing-")))
      const unfinished = Path.join(
        directory,
        Fs.readdirSync(directory).find((name) => name.includes(".init")) ?? ""
      )
      yield* entries(unfinished, (names) => names.includes("base"))
      yield* Effect.promise(program.kill)
      yield* gone(unfinished)
      expect(Fs.existsSync(Path.join(directory, "postgres"))).toBe(false)
      const server = yield* EmbeddedPostgres.start({ directory, durable: false })
      expect(yield* query(server.connection, "select 1 as one")).toEqual([{ one: 1 }])
    })
)

it.live("what initdb left half made before the machine went down is removed at the next start", () =>
  Effect.gen(function* () {
    const directory = yield* temporaryDirectory
    // No process has this pid: the kernel's limit is 2^22.
    const left = Path.join(directory, "postgres.initializing-4194305-abcdef")
    Fs.mkdirSync(left)
    Fs.writeFileSync(Path.join(left, "PG_VERSION"), "18\n")
    yield* EmbeddedPostgres.start({ directory, durable: false })
    expect(Fs.existsSync(left)).toBe(false)
  })
)

it.live(
  "a stale lock file does not keep it from starting, though its pid belongs to another process now",
  () =>
    Effect.gen(function* () {
      const directory = yield* temporaryDirectory
      const { lock, content } = yield* Effect.scoped(
        Effect.gen(function* () {
          const server = yield* EmbeddedPostgres.start({ directory, durable: false })
          const file = Path.join(server.dataDirectory, "postmaster.pid")
          return { lock: file, content: Fs.readFileSync(file, "utf8") }
        })
      )
      Fs.writeFileSync(lock, content.replace(/^\d+/, String(process.ppid)))
      const server = yield* EmbeddedPostgres.start({ directory, durable: false })
      expect(yield* query(server.connection, "select 1 as one")).toEqual([{ one: 1 }])
    })
)

it.live("of two processes that start on one directory at once, one runs and the other is told its pid", () =>
  Effect.gen(function* () {
    const directory = yield* temporaryDirectory
    const programs = [yield* holdPostgres({ directory }), yield* holdPostgres({ directory })]
    const reports = yield* Effect.promise(() => Promise.all(programs.map(({ report }) => report)))
    const winner = programs[reports.findIndex((report) => report.started)]
    if (winner === undefined) return expect.unreachable()
    const loser = programs.find((program) => program !== winner)
    if (loser === undefined) return expect.unreachable()
    expect(yield* failed(loser)).toMatchObject({ error: "DirectoryHeld", pid: winner.pid })
    yield* Effect.promise(() => winner.end())
    const server = yield* EmbeddedPostgres.start({ directory, durable: false })
    expect(yield* query(server.connection, "select 1 as one")).toEqual([{ one: 1 }])
  })
)

it.live("a second start in the same process is refused, and the first goes on", () =>
  Effect.gen(function* () {
    const directory = yield* temporaryDirectory
    const server = yield* EmbeddedPostgres.start({ directory, durable: false })
    const error = yield* Effect.flip(Effect.scoped(EmbeddedPostgres.start({ directory, durable: false })))
    expect(error).toMatchObject({ _tag: "DirectoryHeld", pid: process.pid })
    expect(error.message).toContain("DATABASE_URL")
    expect(yield* query(server.connection, "select 1 as one")).toEqual([{ one: 1 }])
  })
)

it.live("one that is to be kept running is started again when its postmaster is killed, and says so", () => {
  const logged: Array<string> = []
  const logger = Logger.make(({ logLevel, message }) => {
    if (logLevel !== "Debug") logged.push(`${logLevel}: ${String(message)}`)
  })
  return Effect.gen(function* () {
    const directory = yield* temporaryDirectory
    const server = yield* EmbeddedPostgres.start({ directory, durable: false, keepRunning: true })
    yield* query(server.connection, "create table note (text text)")
    const first = yield* server.pid
    const busy = yield* Effect.forkChild(Effect.exit(query(server.connection, "select pg_sleep(600)")))
    yield* query(
      server.connection,
      "select from pg_stat_activity where query like 'select pg_sleep(600)' and state = 'active'"
    ).pipe(Effect.repeat({ until: (rows) => rows.length === 1 }))
    process.kill(first, "SIGKILL")
    expect(
      yield* query(server.connection, "select count(*)::int as notes from note").pipe(
        Effect.retry(Schedule.spaced("20 millis"))
      )
    ).toEqual([{ notes: 0 }])
    expect(yield* server.pid).not.toBe(first)
    expect(Exit.isFailure(yield* Fiber.join(busy))).toBe(true)
    yield* server.kill
    yield* server.restart
    expect(yield* query(server.connection, "select 1 as one")).toEqual([{ one: 1 }])
    expect(logged).toEqual([
      "Warn: Postgres has ended (SIGKILL) and is started again. What was committed is kept.",
      expect.stringMatching(/^Info: Postgres runs again after \d+\.\d s\.$/)
    ])
  }).pipe(Effect.scoped, Effect.provide(Logger.layer([logger])))
})
