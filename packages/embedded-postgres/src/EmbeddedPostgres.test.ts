import { PgConnection } from "@effect/sql-pg"
import { expect, it } from "@effect/vitest"
import { Effect, Fiber, Redacted } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { alive, query, temporaryDirectory } from "./fixtures/world.ts"
import { EmbeddedPostgres } from "./index.ts"

const version = "select current_setting('server_version_num')::int / 10000 as major"

it.live("it runs while its scope is open, leaves no process behind, and keeps the data", () =>
  Effect.gen(function* () {
    const directory = yield* temporaryDirectory
    const pid = yield* Effect.scoped(
      Effect.gen(function* () {
        const server = yield* EmbeddedPostgres.start({ directory })
        expect(yield* query(server.connection, version)).toEqual([{ major: 18 }])
        yield* query(server.connection, "create table note as select 'kept' as text")
        expect(Fs.statSync(server.socketDirectory).mode & 0o777).toBe(0o700)
        expect(Fs.statSync(server.dataDirectory).mode & 0o777).toBe(0o700)
        return yield* server.pid
      })
    )
    expect(alive(pid)).toBe(false)
    expect(Fs.existsSync(Path.join(directory, "postgres", "postmaster.pid"))).toBe(false)
    expect(Fs.readdirSync(directory).toSorted()).toEqual(["postgres", "postgres-socket"])
    expect(Fs.readdirSync(Path.join(directory, "postgres-socket"))).toEqual([])

    const again = yield* EmbeddedPostgres.start({ directory })
    expect(yield* query(again.connection, "select text from note")).toEqual([{ text: "kept" }])
  })
)

it.live("by default it is durable, checks its pages, speaks UTF-8 and listens on no port", () =>
  Effect.gen(function* () {
    const server = yield* EmbeddedPostgres.startTemporary()
    const settings = yield* query(
      server.connection,
      `select name, setting from pg_settings where name in
        ('fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums', 'server_encoding', 'listen_addresses')`
    )
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: "on",
      synchronous_commit: "on",
      full_page_writes: "on",
      data_checksums: "on",
      server_encoding: "UTF8",
      listen_addresses: ""
    })
  })
)

it.live("the URL of the socket is one that a client can use as it is", () =>
  Effect.gen(function* () {
    const server = yield* EmbeddedPostgres.startTemporary({ durable: false })
    const session = yield* PgConnection.make({ url: server.url })
    expect((yield* session.query("select current_user as name")).rows).toEqual([{ name: "spillway" }])
  })
)

it.live("over TCP it listens on loopback alone and wants its password", () =>
  Effect.gen(function* () {
    const { tcp } = yield* EmbeddedPostgres.startTemporary({ durable: false, tcp: true })
    if (tcp === undefined) return expect.unreachable()
    const address = "select host(inet_server_addr()) as address"
    const session = yield* PgConnection.make({ url: tcp.url })
    expect((yield* session.query(address)).rows).toEqual([{ address: "127.0.0.1" }])
    expect(yield* query(tcp.connection, address)).toEqual([{ address: "127.0.0.1" }])
    const refused = yield* Effect.flip(
      query({ ...tcp.connection, password: Redacted.make("guess") }, address)
    )
    expect(refused.reason._tag).toBe("AuthenticationError")
  })
)

it.live("it runs below a directory that only its user can enter", () =>
  Effect.gen(function* () {
    const home = yield* temporaryDirectory
    Fs.chmodSync(home, 0o700)
    const server = yield* EmbeddedPostgres.start({ directory: Path.join(home, "deep/er"), durable: false })
    expect(yield* query(server.connection, version)).toEqual([{ major: 18 }])
  })
)

it.live("it runs under a very long path with odd characters, and takes its short socket directory away", () =>
  Effect.gen(function* () {
    const home = yield* temporaryDirectory
    const directory = Path.join(home, "it's, a \"dire'ctory\"", "ü".repeat(100), "x".repeat(100))
    const sockets = yield* Effect.scoped(
      Effect.gen(function* () {
        const server = yield* EmbeddedPostgres.start({ directory, durable: false })
        expect(yield* query(server.connection, version)).toEqual([{ major: 18 }])
        expect(Fs.statSync(server.socketDirectory).mode & 0o777).toBe(0o700)
        return server.socketDirectory
      })
    )
    expect(sockets.startsWith(directory)).toBe(false)
    expect(Fs.existsSync(sockets)).toBe(false)
  })
)

it.live("a short path with spaces, quotes and commas holds the socket itself", () =>
  Effect.gen(function* () {
    const directory = Path.join(yield* temporaryDirectory, `a, "b" 'c' $& {data}`)
    const server = yield* EmbeddedPostgres.start({ directory, durable: false })
    expect(server.socketDirectory).toBe(Path.join(directory, "postgres-socket"))
    expect(yield* query(server.connection, version)).toEqual([{ major: 18 }])
  })
)

it.live("a temporary one leaves nothing behind", () =>
  Effect.gen(function* () {
    const server = yield* Effect.scoped(EmbeddedPostgres.startTemporary({ durable: false }))
    expect(Fs.existsSync(server.dataDirectory)).toBe(false)
    expect(Fs.existsSync(server.socketDirectory)).toBe(false)
    expect(alive(yield* server.pid)).toBe(false)
  })
)

it.live("paused it answers nothing, and goes on where it was", () =>
  Effect.gen(function* () {
    const server = yield* EmbeddedPostgres.startTemporary({ durable: false })
    const session = yield* PgConnection.make(server.connection)
    yield* server.pause
    while (!stopped(session.processId)) yield* Effect.yieldNow
    const answer = yield* Effect.forkChild(session.query("select 1 as one"), { startImmediately: true })
    yield* server.resume
    expect((yield* Fiber.join(answer)).rows).toEqual([{ one: 1 }])
  })
)

it.live("paused it can still be stopped", () =>
  Effect.gen(function* () {
    const pid = yield* Effect.scoped(
      Effect.gen(function* () {
        const server = yield* EmbeddedPostgres.startTemporary({ durable: false })
        yield* server.pause
        return yield* server.pid
      })
    )
    expect(alive(pid)).toBe(false)
  })
)

it.live(
  "after a kill it starts again at the same address with what was committed, and the kernel keeps nothing",
  () =>
    Effect.gen(function* () {
      const server = yield* EmbeddedPostgres.startTemporary({ durable: false, tcp: true })
      const killed = yield* server.pid
      yield* query(server.connection, "create table note as select 'kept' as text")
      const segment = Fs.readFileSync(Path.join(server.dataDirectory, "postmaster.pid"), "utf8").split(
        "\n"
      )[6]
      yield* server.kill
      expect(alive(killed)).toBe(false)
      expect(segments()).not.toContain(segment?.trim().split(/\s+/)[1])
      yield* server.restart
      expect(yield* server.pid).not.toBe(killed)
      expect(yield* query(server.connection, "select text from note")).toEqual([{ text: "kept" }])
      const { tcp } = server
      if (tcp === undefined) return expect.unreachable()
      expect(yield* query(tcp.connection, "select text from note")).toEqual([{ text: "kept" }])
    })
)

/** Whether a process is stopped by a signal, as far as this machine says. */
const stopped = (pid: number): boolean =>
  process.platform !== "linux" || / T /.test(Fs.readFileSync(`/proc/${pid}/stat`, "utf8"))

/** The ids of the shared memory segments on this machine, where it lists them. */
const segments = (): ReadonlyArray<string | undefined> =>
  process.platform === "linux"
    ? Fs.readFileSync("/proc/sysvipc/shm", "utf8")
        .split("\n")
        .map((line) => line.trim().split(/\s+/)[1])
    : []
