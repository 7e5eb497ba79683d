/** Why an embedded Postgres did not start. Every message is one sentence that says what to do. */
import { Schema } from "effect"

/** There is no binary for this machine, or it can't run here (another libc, a `noexec` mount, no privileges). */
export class BinariesUnavailable extends Schema.TaggedError<BinariesUnavailable>()("BinariesUnavailable", {
  platform: Schema.String,
  message: Schema.String
}) {}

export class DirectoryNotWritable extends Schema.TaggedError<DirectoryNotWritable>()("DirectoryNotWritable", {
  directory: Schema.String,
  message: Schema.String
}) {}

/** Another process runs Postgres on this directory. `pid` is the process that started it, where that is known. */
export class DirectoryHeld extends Schema.TaggedError<DirectoryHeld>()("DirectoryHeld", {
  directory: Schema.String,
  pid: Schema.Int,
  message: Schema.String
}) {}

/** The directory holds something else than data of this Postgres; `found` is its major version, if it has one. */
export class DirectoryIncompatible extends Schema.TaggedError<DirectoryIncompatible>()(
  "DirectoryIncompatible",
  {
    directory: Schema.String,
    found: Schema.optional(Schema.String),
    message: Schema.String
  }
) {}

export class DiskFull extends Schema.TaggedError<DiskFull>()("DiskFull", {
  directory: Schema.String,
  message: Schema.String
}) {}

/** Anything else; `output` is the end of what initdb or postgres printed. */
export class PostgresFailed extends Schema.TaggedError<PostgresFailed>()("PostgresFailed", {
  output: Schema.String,
  message: Schema.String
}) {}

export type StartError =
  | BinariesUnavailable
  | DirectoryNotWritable
  | DirectoryHeld
  | DirectoryIncompatible
  | DiskFull
  | PostgresFailed

const orElse = "or set DATABASE_URL to a Postgres server of your own"

export const binariesUnavailable = (why: string) => {
  const platform = `${process.platform}-${process.arch}`
  return new BinariesUnavailable({
    platform,
    message: `The embedded Postgres can't run on this machine (${platform}): ${why}; set DATABASE_URL to a Postgres server (15 or newer).`
  })
}

export const directoryNotWritable = (directory: string) =>
  new DirectoryNotWritable({
    directory,
    message: `The data directory ${directory} can't be written by this user: give it to this user, choose another one, ${orElse}.`
  })

export const directoryHeld = (directory: string, pid: number) =>
  new DirectoryHeld({
    directory,
    pid,
    message: `Process ${pid} already runs Postgres on ${directory}: stop it, choose another data directory, ${orElse}.`
  })

export const directoryIncompatible = (directory: string, found: string | undefined, expected: string) =>
  new DirectoryIncompatible({
    directory,
    found,
    message:
      found === undefined
        ? `${directory} exists but is no Postgres data directory: move it away, choose another data directory, ${orElse}.`
        : `${directory} holds data of Postgres ${found}, and this is Postgres ${expected}: move it over with pg_dump, choose another data directory, ${orElse}.`
  })

export const diskFull = (directory: string) =>
  new DiskFull({
    directory,
    message: `The disk that holds ${directory} is full: free some space, choose another data directory, ${orElse}.`
  })

export const postgresFailed = (what: string, output: string) =>
  new PostgresFailed({
    output,
    message: `${what}: look at what Postgres printed, ${orElse}.${output === "" ? "" : `\n${output}`}`
  })

/** A failed call of the file system on the data directory. */
export const fromFileSystem =
  (directory: string) =>
  (cause: unknown): StartError => {
    switch ((cause as NodeJS.ErrnoException).code) {
      case "ENOSPC":
      case "EDQUOT":
        return diskFull(directory)
      case "EACCES":
      case "EPERM":
      case "EROFS":
      case "ENOENT":
      case "ENOTDIR":
      case "EEXIST":
        return directoryNotWritable(directory)
      default:
        return postgresFailed(`${directory} can't be prepared`, String(cause))
    }
  }

/** What initdb or postgres meant, from how it ended and what it printed last (in English: it runs under LC_ALL=C). */
export const fromOutput = (
  what: string,
  directory: string,
  exit: { code: number | null; output: string }
): StartError => {
  // The shell's and the dynamic loader's way of saying that the binary could not be executed at all.
  if (exit.code === 126 || exit.code === 127)
    return binariesUnavailable(exit.output.trim().split("\n").at(-1) ?? "")
  if (/No space left on device|Disk quota exceeded/.test(exit.output)) return diskFull(directory)
  if (/Permission denied|wrong ownership|Read-only file system/.test(exit.output))
    return directoryNotWritable(directory)
  return postgresFailed(what, exit.output.trim())
}
