/** Where the unix socket lies: a directory of mode 0700, with a path short enough for the kernel. */
import { Effect } from "effect"
import * as Fs from "node:fs/promises"
import * as Os from "node:os"
import * as Path from "node:path"
import * as DataDirectory from "./DataDirectory.ts"
import { reachable, type Identity } from "./Privileges.ts"
import { fromFileSystem } from "./StartError.ts"

/** The bytes that a socket's path may have: 107 on Linux, 103 on macOS. */
const pathLimit = 103

const fits = (directory: string) => Buffer.byteLength(Path.join(directory, ".s.PGSQL.65535")) <= pathLimit

/** A directory and whether it is a scratch one, which goes with the server. */
export interface SocketDirectory {
  readonly path: string
  readonly scratch: boolean
}

/**
 * Beside the data, where clients find it again after a restart. If that path is too long, or another identity could
 * not reach it, a scratch directory.
 */
export const choose = Effect.fnUntraced(function* (options: {
  readonly directory: string
  readonly identity: Identity
  readonly scratch: SocketDirectory | undefined
}) {
  const { directory, identity } = options
  if (options.scratch !== undefined) return options.scratch
  const beside = Path.join(directory, "postgres-socket")
  if (identity.other || !fits(beside)) return yield* scratch(identity)
  yield* DataDirectory.make(beside, identity)
  yield* Effect.tryPromise({ try: () => Fs.chmod(beside, 0o700), catch: fromFileSystem(directory) })
  return { path: beside, scratch: false }
})

/** A private directory with a short path, removed with the scope (by the watchdog, if this process is killed). */
export const scratch = (identity: Identity | undefined) =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: async (): Promise<SocketDirectory> => {
        const own = Os.tmpdir()
        const suits =
          fits(Path.join(own, "spillway-XXXXXX")) &&
          (identity === undefined || (await reachable(identity, own)))
        const path = await Fs.mkdtemp(Path.join(suits ? own : "/tmp", "spillway-"))
        if (identity?.other) await Fs.chown(path, identity.uid, identity.gid)
        return { path, scratch: true }
      },
      catch: fromFileSystem(Os.tmpdir())
    }),
    ({ path }) => Effect.promise(() => Fs.rm(path, { recursive: true, force: true, maxRetries: 3 }))
  )
