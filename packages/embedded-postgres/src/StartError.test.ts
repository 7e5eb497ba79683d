import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { installed } from "./Binaries.ts"
import { temporaryDirectory, unpackedBinaries } from "./fixtures/world.ts"
import { EmbeddedPostgres, type Options } from "./index.ts"
import { fromOutput } from "./StartError.ts"

const refused = (options: Options) =>
  Effect.flip(Effect.scoped(EmbeddedPostgres.start({ durable: false, ...options })))

it.live("data of another major version is named and not touched", () =>
  Effect.gen(function* () {
    const directory = yield* temporaryDirectory
    const data = Path.join(directory, "postgres")
    Fs.mkdirSync(data)
    Fs.writeFileSync(Path.join(data, "PG_VERSION"), "16\n")
    const error = yield* refused({ directory })
    expect(error).toMatchObject({ _tag: "DirectoryIncompatible", found: "16" })
    expect(error.message).toMatch(/Postgres 16.*Postgres 18.*pg_dump.*DATABASE_URL/)
    expect(Fs.readdirSync(data)).toEqual(["PG_VERSION"])
  })
)

it.live("a directory with something else in it is not touched", () =>
  Effect.gen(function* () {
    const directory = yield* temporaryDirectory
    const data = Path.join(directory, "postgres")
    Fs.mkdirSync(data)
    Fs.writeFileSync(Path.join(data, "thesis.txt"), "")
    const error = yield* refused({ directory })
    expect(error).toMatchObject({ _tag: "DirectoryIncompatible" })
    expect(error.message).toContain("DATABASE_URL")
    expect(Fs.readdirSync(data)).toEqual(["thesis.txt"])
    expect(Fs.readdirSync(directory).filter((name) => name.includes("initializing"))).toEqual([])
  })
)

it.live("a file in the directory's place is refused", () =>
  Effect.gen(function* () {
    const directory = Path.join(yield* temporaryDirectory, "file")
    Fs.writeFileSync(directory, "")
    expect((yield* refused({ directory }))._tag).toBe("DirectoryNotWritable")
  })
)

it.live("missing binaries are told from anything else", () =>
  Effect.gen(function* () {
    const directory = yield* temporaryDirectory
    const error = yield* refused({ directory, native: Path.join(directory, "none") })
    expect(error).toMatchObject({
      _tag: "BinariesUnavailable",
      platform: `${process.platform}-${process.arch}`
    })
    expect(error.message).toContain("DATABASE_URL")
  })
)

it.live("binaries that can't be executed here, as on another libc, are told from anything else", () =>
  Effect.gen(function* () {
    const home = yield* temporaryDirectory
    const native = yield* unpackedBinaries(yield* installed, Path.join(home, "native"))
    // What a missing loader looks like to the kernel.
    Fs.writeFileSync(Path.join(native, "bin", "initdb"), "#!/lib/ld-of-another-libc.so.1\n")
    const error = yield* refused({ directory: Path.join(home, "data"), native })
    expect(error._tag).toBe("BinariesUnavailable")
    expect(error.message).toContain("DATABASE_URL")
    expect(Fs.readdirSync(Path.join(home, "data")).filter((name) => name.includes("initializing"))).toEqual(
      []
    )
  })
)

/** A disk of 16 MiB, too small for a database, where this user may mount one. */
const smallDisk = (() => {
  const path = Fs.mkdtempSync("/tmp/embedded-")
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=16m", "tmpfs", path], { stdio: "ignore" })
    execFileSync("umount", [path])
    return true
  } catch {
    return false
  } finally {
    Fs.rmdirSync(path)
  }
})()

const diskFull = smallDisk
  ? Effect.gen(function* () {
      const directory = yield* temporaryDirectory
      yield* Effect.acquireRelease(
        Effect.sync(() => execFileSync("mount", ["-t", "tmpfs", "-o", "size=16m", "tmpfs", directory])),
        () => Effect.sync(() => execFileSync("umount", [directory]))
      )
      const error = yield* refused({ directory })
      expect(Fs.readdirSync(directory).filter((name) => name.includes("initializing"))).toEqual([])
      return error
    })
  : Effect.sync(() =>
      fromOutput("initdb failed", "/data", {
        code: 1,
        output: 'FATAL:  could not write to file "pg_wal/xlogtemp.31": No space left on device'
      })
    )

it.live("a full disk is told from anything else", () =>
  Effect.gen(function* () {
    const error = yield* diskFull
    expect(error._tag).toBe("DiskFull")
    expect(error.message).toContain("DATABASE_URL")
  })
)
