/** The server's process as the load sees it: started, measured, ended with the scope. */
import { Deferred, Effect, Schema } from "effect"
import { fork } from "node:child_process"
import { fileURLToPath } from "node:url"

/** The server is gone before it was told to go. */
export class ServerEnded extends Schema.TaggedError<ServerEnded>("@spillway/benchmarks/ServerEnded")(
  "ServerEnded",
  {
    message: Schema.String
  }
) {}

export interface ServerArguments {
  readonly databaseUrl: string
  readonly providerUrl: string
}

/** Asks for a measurement, after so many garbage collections. */
export interface ToServer {
  readonly collect: number
}

export interface Measurement {
  /** Bytes. */
  readonly rss: number
  readonly heapUsed: number
  /** Of the processor, since the process began. */
  readonly cpuSeconds: number
  readonly sessions: number
  /** Runtime events admitted and not dealt with: now, the most ever, the most in one lane. */
  readonly inUse: number
  readonly peakInUse: number
  readonly peakLane: number
  /** What these may be. */
  readonly limits: { readonly inUse: number; readonly lane: number }
}

export type FromServer =
  | { readonly type: "ready"; readonly url: string }
  | ({ readonly type: "measured" } & Measurement)

/** How long the server may take to stop. Milliseconds. */
const STOP_TIMEOUT = 15_000

export const startServer = Effect.fnUntraced(function* (options: ServerArguments) {
  const url = yield* Deferred.make<string, ServerEnded>()
  const asked: Array<Deferred.Deferred<Measurement, ServerEnded>> = []
  const exited = yield* Deferred.make<void>()

  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      fork(fileURLToPath(new URL("serverMain.ts", import.meta.url)), [JSON.stringify(options)], {
        execArgv: ["--conditions=@spillway/source", "--no-warnings", "--expose-gc"],
        // Its standard output is not ours: the last line of this process is the result.
        stdio: ["ignore", "ignore", "inherit", "ipc"]
      })
    ),
    (child) =>
      Effect.sync(() => child.connected && child.disconnect()).pipe(
        Effect.andThen(Deferred.await(exited)),
        Effect.timeoutOrElse({
          duration: STOP_TIMEOUT,
          orElse: () => Effect.sync(() => void child.kill("SIGKILL"))
        })
      )
  )
  child.on("message", (message: FromServer) => {
    if (message.type === "ready") Deferred.doneUnsafe(url, Effect.succeed(message.url))
    else {
      const next = asked.shift()
      if (next !== undefined) Deferred.doneUnsafe(next, Effect.succeed(message))
    }
  })
  child.once("exit", (code, signal) => {
    const gone = Effect.fail(new ServerEnded({ message: `The server ended (${signal ?? code}).` }))
    Deferred.doneUnsafe(url, gone)
    for (const one of asked.splice(0)) Deferred.doneUnsafe(one, gone)
    Deferred.doneUnsafe(exited, Effect.void)
  })

  return {
    url: yield* Deferred.await(url),
    measure: (collect: number) =>
      Effect.suspend(() => {
        const answer = Deferred.makeUnsafe<Measurement, ServerEnded>()
        asked.push(answer)
        child.send({ collect } satisfies ToServer)
        return Deferred.await(answer)
      })
  }
})
