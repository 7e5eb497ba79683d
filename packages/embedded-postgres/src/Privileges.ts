/** As whom Postgres runs: initdb and postgres refuse root, and no account has to be set up for them. */
import { Effect } from "effect"
import { execFile } from "node:child_process"
import * as Fs from "node:fs/promises"
import * as Path from "node:path"

/** The user whose files the data are, and how a process comes to act as this user without being root. */
export interface Identity {
  readonly uid: number
  readonly gid: number
  /** Not the user of this process, which is root. */
  readonly other: boolean
  /**
   * In a user namespace without a mapping. There a process has the id of `nobody`, and still owns this user's files and
   * passes this user's directories of mode 0700, because to the kernel it is this user.
   */
  readonly namespace: boolean
}

const nobody = 65534

/**
 * Chooses the identity for a data directory that may not exist yet.
 *
 * Root acts as the owner of the place, so that `sudo npm start` leaves nothing behind that the owner can't use. An owner
 * that initdb would refuse, because it is root or has no account (as in containers), goes into a namespace. Where the
 * machine has none, root acts as `nobody`.
 */
export const choose = Effect.fnUntraced(function* (options: {
  readonly data: string
  readonly namespaces: boolean
}): Effect.fn.Return<Identity> {
  const uid = process.getuid?.() ?? 0
  const gid = process.getgid?.() ?? 0
  const user = uid === 0 ? yield* Effect.promise(() => ownerOf(options.data)) : { uid, gid }
  const other = user.uid !== uid
  if (user.uid !== 0 && (yield* hasAccount(user.uid))) return { ...user, other, namespace: false }
  if (options.namespaces && (yield* canEnterNamespace(user))) return { ...user, other, namespace: true }
  return uid === 0
    ? { uid: nobody, gid: nobody, other: true, namespace: false }
    : { ...user, other, namespace: false }
})

const ownerOf = async (path: string): Promise<{ uid: number; gid: number }> => {
  const found = await Fs.stat(path).catch(() => undefined)
  if (found !== undefined) return { uid: found.uid, gid: found.gid }
  const parent = Path.dirname(path)
  return parent === path ? { uid: 0, gid: 0 } : await ownerOf(parent)
}

const hasAccount = (uid: number) => succeeds("id", ["-un", String(uid)], {})

const canEnterNamespace = (user: { readonly uid: number; readonly gid: number }) =>
  succeeds("unshare", ["--user", "true"], process.getuid?.() === 0 ? user : {})

const succeeds = (command: string, args: ReadonlyArray<string>, user: { uid?: number; gid?: number }) =>
  Effect.callback<boolean>((resume) => {
    const child = execFile(command, args, { cwd: "/", ...user }, (error) =>
      resume(Effect.succeed(error === null))
    )
    return Effect.sync(() => child.kill())
  })

/** Whether the identity may pass every directory above `path` and read the file itself. */
export const reachable = async (identity: Identity, path: string): Promise<boolean> => {
  for (let place = path; ; place = Path.dirname(place)) {
    const { gid, mode, uid } = await Fs.stat(place)
    const shift = uid === identity.uid ? 6 : gid === identity.gid ? 3 : 0
    if (((mode >> shift) & 0o1) === 0) return false
    if (place === Path.dirname(place)) return true
  }
}
