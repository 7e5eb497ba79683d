/** The data directory before Postgres runs on it: made by initdb, of our version, held by nobody else. */
import { Deferred, Effect } from "effect"
import * as Fs from "node:fs/promises"
import * as Net from "node:net"
import * as Path from "node:path"
import { majorVersion } from "./Binaries.ts"
import * as Guarded from "./Guarded.ts"
import type { Identity } from "./Privileges.ts"
import { directoryHeld, directoryIncompatible, fromFileSystem, fromOutput } from "./StartError.ts"

/** The superuser that initdb makes, and the only role. */
export const username = "spillway"

/** Names the process that started a Postgres, among the server's settings. */
export const launcherSetting = "spillway.launcher"

/** How long a Postgres whose launcher is gone may take to shut down, before the directory counts as held. */
const orphanLimitMillis = 30_000

/** Makes a directory and whatever is missing above it, all of it the identity's. */
export const make = (path: string, identity: Identity) =>
  Effect.tryPromise({
    try: async () => {
      const first = await makeMissing(path)
      if (first === undefined) return await Fs.access(path, Fs.constants.W_OK | Fs.constants.X_OK)
      for (let place = path; identity.other; place = Path.dirname(place)) {
        await Fs.chown(place, identity.uid, identity.gid)
        if (place === first) return
      }
    },
    catch: fromFileSystem(path)
  })

/**
 * Makes what is missing of a path; the result is the topmost directory made. One at a time, since Node's own recursive mkdir tries for
 * ever where a file system has no room for directories, as below /proc.
 */
const makeMissing = async (path: string): Promise<string | undefined> => {
  const missing: Array<string> = []
  for (let place = path; !(await exists(place)); place = Path.dirname(place)) missing.unshift(place)
  for (const place of missing) await Fs.mkdir(place)
  return missing[0]
}

const exists = (path: string): Promise<boolean> =>
  Fs.stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return false
      throw error
    }
  )

/**
 * Runs initdb if there is no data yet.
 *
 * It works beside the final place and is renamed when complete and on disk, so a crash at any moment leaves either no
 * data directory or a whole one.
 */
export const initialize = Effect.fnUntraced(function* (options: {
  readonly data: string
  readonly native: string
  readonly identity: Identity
  readonly durable: boolean
}) {
  const { data, identity } = options
  // Data appears whole, by a rename, so the order of these two looks matters.
  const names = yield* Effect.promise(() => Fs.readdir(data).catch(() => []))
  const version = yield* Effect.promise(() =>
    Fs.readFile(Path.join(data, "PG_VERSION"), "utf8").catch(() => undefined)
  )
  if (version?.trim() === majorVersion) return
  if (names.length > 0) return yield* directoryIncompatible(data, version?.trim(), majorVersion)

  yield* removeUnfinished(data)
  const unfinished = `${data}.initializing-${process.pid}-${Math.random().toString(36).slice(2, 8)}`
  yield* make(unfinished, identity)
  const initdb = Effect.gen(function* () {
    yield* Effect.acquireUseRelease(
      Guarded.start({
        command: Path.join(options.native, "bin", "initdb"),
        args: (place) => [
          `--pgdata=${place}`,
          `--username=${username}`,
          // Unicode rules from Postgres itself: sorted and folded alike on every machine, whatever its libc.
          "--encoding=UTF8",
          "--locale=C",
          "--locale-provider=builtin",
          "--builtin-locale=C.UTF-8",
          // The socket lies in a directory of mode 0700, so who can open it is this user or root.
          "--auth-local=trust",
          "--auth-host=scram-sha-256",
          "--no-instructions",
          ...(options.durable ? [] : ["--no-sync"])
        ],
        data: unfinished,
        identity,
        scratch: unfinished
      }),
      (process) =>
        Effect.flatMap(Deferred.await(process.exited), (exit) =>
          exit.code === 0 ? Effect.void : Effect.fail(fromOutput("initdb failed", data, exit))
        ),
      // An interrupted one is ended first.
      (process) =>
        Effect.sync(() => process.signal("SIGTERM")).pipe(
          Effect.andThen(Deferred.await(process.exited)),
          Effect.andThen(process.release)
        )
    )
    yield* Effect.tryPromise({ try: () => moveIntoPlace(unfinished, data), catch: fromFileSystem(data) })
  })
  yield* Effect.ensuring(
    initdb,
    Effect.promise(() => Fs.rm(unfinished, { recursive: true, force: true, maxRetries: 3 }))
  )
})

const moveIntoPlace = async (from: string, to: string): Promise<void> => {
  try {
    await Fs.rename(from, to)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw cause
    return // Another process finished first, and its data is as good.
  }
  const parent = await Fs.open(Path.dirname(to))
  await parent.sync().finally(() => parent.close())
}

/** Removes what launchers that are gone left half made. */
const removeUnfinished = (data: string) =>
  Effect.promise(async () => {
    for (const name of await Fs.readdir(Path.dirname(data))) {
      const [, pid] = /^(\d+)-/.exec(name.split(".initializing-")[1] ?? "") ?? []
      if (pid === undefined || alive(Number(pid))) continue
      await Fs.rm(Path.join(Path.dirname(data), name), { recursive: true, force: true, maxRetries: 3 })
    }
  })

/**
 * Waits until nobody runs Postgres on the directory.
 *
 * A launcher that lives is named in `DirectoryHeld` at once. One that was killed has a watchdog which is stopping its
 * Postgres, so that is waited for.
 */
export const awaitFree = Effect.fnUntraced(function* (data: string) {
  for (let waited = 0; ; waited += 50) {
    const holder = yield* Effect.promise(() => findHolder(data))
    if (holder === undefined) return
    const { isStarting, launcher, postmaster } = holder
    if (launcher !== undefined && alive(launcher)) return yield* directoryHeld(data, launcher)
    const isForeign = launcher === undefined && !isStarting
    if (isForeign || waited >= orphanLimitMillis) return yield* directoryHeld(data, postmaster)
    yield* Effect.sleep(50)
  }
})

/** The socket of the Postgres that runs on the directory; `undefined` where none does. */
export const findSocket = async (data: string): Promise<{ host: string; port: number } | undefined> => {
  const content = await Fs.readFile(Path.join(data, "postmaster.pid"), "utf8").catch(() => "")
  const [pid, , , port, socketDirectory] = content.split("\n")
  if (!(Number(pid) > 0) || !socketDirectory || !alive(Number(pid))) return undefined
  return (await accepts(Path.join(socketDirectory, `.s.PGSQL.${port}`)))
    ? { host: socketDirectory, port: Number(port) }
    : undefined
}

/** Whether there is data: of a server that ran here. */
export const hasData = (data: string): Promise<boolean> => exists(Path.join(data, "PG_VERSION"))

interface Holder {
  readonly postmaster: number
  readonly launcher: number | undefined
  /** It has its lock, and has not written down yet with which settings it was started. */
  readonly isStarting: boolean
}

const findHolder = async (data: string): Promise<Holder | undefined> => {
  const lock = Path.join(data, "postmaster.pid")
  const content = await Fs.readFile(lock, "utf8").catch(() => "")
  // Its lines: pid, data directory, start time, port, socket directory, listen address, shared memory, status.
  const [pid, , , port, socketDirectory] = content.split("\n")
  const postmaster = Number(pid)
  if (!(postmaster > 0) || !alive(postmaster)) return undefined
  if (socketDirectory && !(await accepts(Path.join(socketDirectory, `.s.PGSQL.${port}`)))) {
    // After a crash the pid may belong to anyone, and Postgres would refuse to start because of it.
    if (alive(postmaster) && (await Fs.readFile(lock, "utf8").catch(() => "")) === content)
      await Fs.rm(lock, { force: true })
    return undefined
  }
  const options = await Fs.readFile(Path.join(data, "postmaster.opts"), "utf8").catch(() => "")
  const launcher = new RegExp(`${launcherSetting}=(\\d+)`).exec(options)?.[1]
  return {
    postmaster,
    launcher: launcher === undefined ? undefined : Number(launcher),
    isStarting: options === ""
  }
}

/** Whether a Postgres listens; one that is paused or shutting down does. */
const accepts = (socket: string): Promise<boolean> =>
  new Promise((resolve) => {
    const connection = Net.connect(socket)
    connection.once("connect", () => resolve(true))
    connection.once("error", (cause: NodeJS.ErrnoException) =>
      resolve(cause.code === "EACCES" || cause.code === "EAGAIN")
    )
    connection.once("connect", () => connection.destroy())
  })

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM"
  }
}
