/** A process of the server as the harness sees it: started until it answers, killed without a warning, never left behind. */
import { Deferred, Effect, Schema } from "effect"
import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { monotonic } from "../monotonic.ts"
import type { ServerArguments, ServerReady } from "../server/ServerArguments.ts"

/** It ended before it was ready. */
export class ServerEnded extends Schema.TaggedError<ServerEnded>("@spillway/faults/ServerEnded")(
  "ServerEnded",
  {
    message: Schema.String
  }
) {}

export interface ServerProcess {
  readonly child: ChildProcess
  /** The ports of each of its servers, once they answer. */
  readonly ready: Deferred.Deferred<ReadonlyArray<number>, ServerEnded>
  /** Once it ended, by a kill or by itself: the last lines that it said. */
  readonly ended: Deferred.Deferred<string>
}

/** A line of the server's log that says that something is wrong with the server itself. */
const ERROR = /level=(ERROR|FATAL)/

/** kill -9. The result is the moment just before, on the clock of `monotonic`. */
export const killServer = ({ child, ended }: ServerProcess): Effect.Effect<number> =>
  Effect.suspend(() => {
    const at = monotonic()
    child.kill("SIGKILL")
    return Effect.as(Deferred.await(ended), at)
  })

/** Of what it says on stderr, so many pieces are kept for whoever looks for a cause. */
const KEPT = 40

/**
 * Starts a process, which ends with the scope at the latest.
 *
 * @param said told of what it writes to its log: warnings and errors. An outage is full of them.
 */
export const startServer = (options: ServerArguments, said: (text: string, isError: boolean) => void) =>
  Effect.acquireRelease(
    Effect.sync((): ServerProcess => {
      const ready = Deferred.makeUnsafe<ReadonlyArray<number>, ServerEnded>()
      const ended = Deferred.makeUnsafe<string>()
      const child = fork(
        fileURLToPath(new URL("../server/serverMain.ts", import.meta.url)),
        [JSON.stringify(options)],
        {
          execArgv: ["--conditions=@spillway/source", "--no-warnings"],
          // Its output is not ours: the last line of this process is the result.
          stdio: ["ignore", "ignore", "pipe", "ipc"]
        }
      )
      const last: Array<string> = []
      child.stderr!.setEncoding("utf8").on("data", (text: string) => {
        said(text, ERROR.test(text))
        last.push(text)
        if (last.length > KEPT) last.shift()
      })
      child.once("message", ({ ports }: ServerReady) => Deferred.doneUnsafe(ready, Effect.succeed(ports)))
      child.once("close", (code, signal) => {
        const message = `The server ended (${signal ?? code}).\n${last.join("")}`
        Deferred.doneUnsafe(ready, Effect.fail(new ServerEnded({ message })))
        Deferred.doneUnsafe(ended, Effect.succeed(message))
      })
      return { child, ready, ended }
    }),
    killServer
  )
