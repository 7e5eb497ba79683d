/**
 * A process that does not outlive the one that started it.
 *
 * A `sh` leaves a watchdog behind and then becomes the command itself (same pid). The watchdog waits on a pipe that
 * only the launcher holds: when the launcher is gone for whatever reason, kill -9 included, the pipe closes, and the
 * watchdog ends the command (SIGINT, then SIGQUIT after 10 s, then SIGKILL after 10 s more) and removes `scratch`.
 * There is no moment between start and watch in which the command could be orphaned.
 */
import { Deferred, Effect } from "effect"
import { spawn } from "node:child_process"
import * as FsSync from "node:fs"
import type { Socket } from "node:net"
import { createInterface } from "node:readline"
import type { Identity } from "./Privileges.ts"
import { binariesUnavailable, type BinariesUnavailable } from "./StartError.ts"

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The last lines that the command printed on stderr. */
  readonly output: string
}

export interface Guarded {
  readonly pid: number
  /** False once it has ended, when its pid may belong to another process. */
  readonly running: () => boolean
  /** Does nothing once it has ended. */
  readonly signal: (name: NodeJS.Signals) => void
  readonly exited: Deferred.Deferred<Exit>
  /** Sends the watchdog home, once the command has exited, without removing `scratch`; returns when it has gone. */
  readonly release: Effect.Effect<void>
}

const watchdog = `
scratch=$1; shift
( (
  cd /
  alive() { kill -0 $$; }
  await() { n=0; while alive && [ $n -lt 100 ]; do sleep 0.1 || sleep 1; n=$((n + 1)); done; }
  read -r said
  if [ "$said" != exited ]; then
    kill -CONT $$; kill -INT $$; await
    alive && { kill -QUIT $$; await; }
    alive && kill -KILL $$
  fi
  read -r said
  [ "$said" = released ] || [ -z "$scratch" ] || rm -rf -- "$scratch"
) <&3 3<&- 4<&- >/dev/null 2>&1 & )
exec 3<&-
exec "$@"
`

const keptLines = 40

/** Starts `command`, in a session of its own so that a Ctrl-C at the terminal reaches the launcher alone. */
export const start = (options: {
  readonly command: string
  /** Gets the path under which the command finds `data`. */
  readonly args: (data: string) => ReadonlyArray<string>
  readonly data: string
  readonly identity: Identity
  readonly scratch?: string | undefined
  readonly onLine?: (line: string) => void
}): Effect.Effect<Guarded, BinariesUnavailable> =>
  Effect.callback((resume) => {
    const { identity } = options
    // Another identity may have no way through the directories above the data, so it is handed the directory itself.
    const byDescriptor = identity.other && process.platform === "linux"
    const descriptor = byDescriptor ? FsSync.openSync(options.data, "r") : undefined
    const data = byDescriptor ? "/proc/self/fd/4" : options.data
    const command = [
      ...(identity.namespace ? ["unshare", "--user"] : []),
      options.command,
      ...options.args(data)
    ]
    const child = spawn("/bin/sh", ["-c", watchdog, "sh", options.scratch ?? "", ...command], {
      cwd: "/",
      detached: true,
      // Nothing of the caller's environment but the way to the tools: PG* and library paths would change what runs.
      env: { PATH: process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
      stdio: ["ignore", "ignore", "pipe", "pipe", descriptor ?? "ignore"],
      ...(identity.other ? { uid: identity.uid, gid: identity.gid } : {})
    })
    if (descriptor !== undefined) FsSync.closeSync(descriptor)

    const exited = Deferred.makeUnsafe<Exit>()
    const lines: Array<string> = []
    const drained = new Promise<void>((resolve) => {
      createInterface({ input: child.stderr as NodeJS.ReadableStream })
        .on("line", (line) => {
          lines.push(line)
          if (lines.length > keptLines) lines.shift()
          options.onLine?.(line)
        })
        .once("close", resolve)
    })
    const lifeline = child.stdio[3] as Socket
    lifeline.on("error", () => {}) // A watchdog that is gone has nothing left to be told.
    child.once("exit", (code, signal) => {
      lifeline.write("exited\n")
      void drained.then(() =>
        Deferred.doneUnsafe(exited, Effect.succeed({ code, signal, output: lines.join("\n") }))
      )
    })
    child.once("error", (cause) => resume(Effect.fail(binariesUnavailable(String(cause)))))
    child.once("spawn", () =>
      resume(
        Effect.succeed({
          pid: child.pid as number,
          running: () => child.exitCode === null && child.signalCode === null,
          signal: (name) => void child.kill(name),
          exited,
          release: Effect.callback<void>((resume) => {
            if (lifeline.closed) return resume(Effect.void)
            lifeline.once("close", () => resume(Effect.void))
            lifeline.end("released\n")
          }).pipe(Effect.interruptible, Effect.timeout("2 seconds"), Effect.ignore)
        })
      )
    )
  })
