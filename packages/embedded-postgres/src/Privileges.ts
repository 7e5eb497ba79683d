/**
 * As whom Postgres runs. initdb and postgres refuse root, so root gives its power away in one of three ways, and needs
 * no second account to be set up for that.
 */
import { Effect } from "effect"
import { execFile } from "node:child_process"
import * as Fs from "node:fs/promises"
import * as Os from "node:os"
import * as Path from "node:path"

export type Identity =
  /** An ordinary user: as itself. */
  | { readonly _tag: "Self"; readonly uid: number; readonly gid: number }
  /**
   * In a user namespace without a mapping. There the files of this user belong to the process, its id is not 0, and
   * directories of mode 0700 above the data stay passable, because for the kernel it is still this user.
   */
  | { readonly _tag: "Namespace"; readonly uid: number; readonly gid: number }
  /** Root as somebody else: the owner of the directory, or `nobody` where namespaces are off. */
  | { readonly _tag: "Other"; readonly uid: number; readonly gid: number }

const nobody = 65534

/**
 * Chooses the identity for a data directory that may not exist yet.
 *
 * Root acts as the owner of the place, so that `sudo npm start` leaves nothing behind that the owner can't use. Where
 * that is root, it is the namespace, and `nobody` if this machine does not allow it.
 */
export const choose = Effect.fnUntraced(function* (options: {
  readonly data: string
  readonly namespaces: boolean
}): Effect.fn.Return<Identity> {
  const uid = process.getuid?.() ?? 0
  const gid = process.getgid?.() ?? 0
  if (uid === 0) {
    const owner = yield* Effect.promise(() => ownerOf(options.data))
    if (owner.uid !== 0) return { _tag: "Other", ...owner }
  } else if (hasAccount()) {
    return { _tag: "Self", uid, gid }
  }
  if (options.namespaces && (yield* namespacesWork)) return { _tag: "Namespace", uid, gid }
  return uid === 0 ? { _tag: "Other", uid: nobody, gid: nobody } : { _tag: "Self", uid, gid }
})

/** initdb wants the user's name; containers run with ids that have none, and a namespace's `nobody` does. */
const hasAccount = (): boolean => {
  try {
    Os.userInfo()
    return true
  } catch {
    return false
  }
}

const ownerOf = async (path: string): Promise<{ uid: number; gid: number }> => {
  const found = await Fs.stat(path).catch(() => undefined)
  if (found !== undefined) return { uid: found.uid, gid: found.gid }
  const parent = Path.dirname(path)
  return parent === path ? { uid: 0, gid: 0 } : await ownerOf(parent)
}

const namespacesWork = Effect.callback<boolean>((resume) => {
  const probe = execFile("unshare", ["--user", "true"], (error) => resume(Effect.succeed(error === null)))
  return Effect.sync(() => probe.kill())
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
