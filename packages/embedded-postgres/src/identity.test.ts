import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { installed } from "./Binaries.ts"
import {
  failed,
  holdPostgres,
  isRoot,
  query,
  started,
  temporaryDirectory,
  unpackedBinaries
} from "./fixtures/world.ts"
import { EmbeddedPostgres } from "./index.ts"
import { choose } from "./Privileges.ts"

const answers = (connection: Parameters<typeof query>[0]) =>
  Effect.map(query(connection, "select 1 as one"), (rows) => expect(rows).toEqual([{ one: 1 }]))

it.live("it runs where user namespaces are off, also below a directory that only its user can enter", () =>
  Effect.gen(function* () {
    const home = yield* temporaryDirectory
    Fs.chmodSync(home, 0o700)
    const options = { directory: Path.join(home, "data"), durable: false, namespaces: false }
    yield* Effect.scoped(
      Effect.gen(function* () {
        const server = yield* EmbeddedPostgres.start(options)
        yield* answers(server.connection)
        yield* query(server.connection, "create table note as select 'kept' as text")
        yield* server.kill
        yield* server.restart
        expect(yield* query(server.connection, "select text from note")).toEqual([{ text: "kept" }])
        expect(Fs.statSync(server.dataDirectory).uid).toBe(isRoot ? 65534 : process.getuid?.())
      })
    )
    // The machine may allow them the next time: the data keeps its owner.
    const again = yield* EmbeddedPostgres.start({ ...options, namespaces: true })
    expect(yield* query(again.connection, "select text from note")).toEqual([{ text: "kept" }])
  })
)

it.live("binaries that the other user can't reach are copied, and the copy goes with the server", () =>
  Effect.gen(function* () {
    const home = yield* temporaryDirectory
    const native = yield* unpackedBinaries(yield* installed, Path.join(home, "native"))
    Fs.chmodSync(home, 0o700)
    const sockets = yield* Effect.scoped(
      Effect.gen(function* () {
        const directory = Path.join(home, "data")
        const server = yield* EmbeddedPostgres.start({ directory, durable: false, namespaces: false, native })
        yield* answers(server.connection)
        return server.socketDirectory
      })
    )
    expect(Fs.existsSync(Path.join(sockets, "binaries"))).toBe(false)
  })
)

it.live("symlinks that no install script made are made", () =>
  Effect.gen(function* () {
    const home = yield* temporaryDirectory
    const native = yield* unpackedBinaries(yield* installed, Path.join(home, "native"))
    const server = yield* EmbeddedPostgres.start({
      directory: Path.join(home, "data"),
      durable: false,
      native
    })
    yield* answers(server.connection)
    expect(Fs.readdirSync(home).toSorted()).toEqual(["data", "native"])
    expect(Fs.readdirSync(Path.join(home, "data"))).not.toContain("postgres-binaries")
  })
)

it.live(
  "symlinks that can't be made are made in a copy beside the data, which stays for the next start",
  () =>
    Effect.gen(function* () {
      const home = yield* temporaryDirectory
      const native = yield* unpackedBinaries(yield* installed, Path.join(home, "native"))
      Fs.chmodSync(Path.join(native, "lib"), 0o555)
      const directory = Path.join(home, "data")
      Fs.mkdirSync(directory)
      if (isRoot) Fs.chownSync(directory, 65534, 65534)
      const first = yield* holdPostgres({ directory, native, unprivileged: true })
      yield* started(first)
      yield* Effect.promise(() => first.end())
      const copied = Fs.statSync(Path.join(directory, "postgres-binaries"))
      const second = yield* holdPostgres({ directory, native, unprivileged: true })
      yield* started(second)
      expect(Fs.statSync(Path.join(directory, "postgres-binaries")).ino).toBe(copied.ino)
      Fs.chmodSync(Path.join(native, "lib"), 0o755)
    })
)

it.live("an ordinary user runs it, below a directory that only this user can enter", () =>
  Effect.gen(function* () {
    const home = yield* temporaryDirectory
    const native = yield* unpackedBinaries(yield* installed, Path.join(home, "native"))
    const directory = Path.join(home, "own", "data")
    Fs.mkdirSync(directory, { recursive: true })
    Fs.chmodSync(Path.dirname(directory), 0o700)
    if (isRoot) for (const path of [Path.dirname(directory), directory]) Fs.chownSync(path, 65534, 65534)
    // As npm leaves them: an install script or an earlier start of the owner has made the symlinks.
    yield* Effect.scoped(EmbeddedPostgres.startTemporary({ durable: false, native }))
    const program = yield* holdPostgres({ directory, native, unprivileged: true })
    const report = yield* started(program)
    expect(Fs.statSync(report.dataDirectory).uid).toBe(isRoot ? 65534 : process.getuid?.())
    yield* Effect.promise(() => program.end())
  })
)

it.live("a directory that the user can't write is refused with a sentence that says what to do", () =>
  Effect.gen(function* () {
    const home = yield* temporaryDirectory
    const native = yield* unpackedBinaries(yield* installed, Path.join(home, "native"))
    const parent = Path.join(home, "closed")
    Fs.mkdirSync(parent)
    Fs.chmodSync(parent, 0o555)
    const report = yield* failed(
      yield* holdPostgres({ directory: Path.join(parent, "data"), native, unprivileged: true })
    )
    expect(report).toMatchObject({ error: "DirectoryNotWritable" })
    expect(report.message).toContain(Path.join(parent, "data"))
    expect(report.message).toContain("DATABASE_URL")
  })
)

const asOwner = Effect.gen(function* () {
  const home = yield* temporaryDirectory
  Fs.chownSync(home, 1234, 1235)
  Fs.chmodSync(home, 0o700)
  const directory = Path.join(home, "not/yet/there")
  expect(yield* choose({ data: directory, namespaces: true })).toMatchObject({
    uid: 1234,
    gid: 1235,
    other: true
  })
  const server = yield* EmbeddedPostgres.start({ directory, durable: false })
  yield* answers(server.connection)
  for (const path of [server.dataDirectory, directory, Path.dirname(directory)]) {
    expect(Fs.statSync(path).uid).toBe(1234)
  }
})

const asItself = Effect.gen(function* () {
  const directory = yield* temporaryDirectory
  expect(yield* choose({ data: directory, namespaces: true })).toMatchObject({
    uid: process.getuid?.(),
    other: false
  })
})

it.live("root acts as the owner of the place, anybody else as itself", () => (isRoot ? asOwner : asItself))
