/** A whole server in a process of its own, on real Postgres: started, measured, stopped and started again, with what it logs. */
import { Deferred, Effect, Schema } from "effect"
import { fork } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

/** The server is gone before it was told to go. */
export class ServerGone extends Schema.TaggedError<ServerGone>("@spillway/benchmarks/ServerGone")(
  "ServerGone",
  { message: Schema.String }
) {}

/** What runtimes in other processes send it. */
export const RUNTIME_TOKEN = "runtimes-of-a-test"

/** What can be broken in the server, to show that a test of it would tell: see `breaks.ts`. */
export type Break = "throws" | "silent" | "leaks"

export interface ServerOptions {
  readonly databaseUrl: string
  /** Default: 30. */
  readonly clientStallSeconds?: number
  readonly breaks?: ReadonlyArray<Break>
}

/** Asks for a measurement, after so many garbage collections. */
export interface ToServer {
  readonly collect: number
}

export interface Measurement {
  /** Bytes. */
  readonly rss: number
  readonly heapUsed: number
  /** Of buffers outside the heap, bytes. */
  readonly external: number
  /** Of the processor, since the process began. */
  readonly cpuSeconds: number
}

export type FromServer =
  | { readonly type: "ready"; readonly port: number }
  | ({ readonly type: "measured" } & Measurement)

/** How long the server may take to stop. Milliseconds. */
const STOP_TIMEOUT = 15_000

/** Ends with the scope. `onLog` gets each line that it logs. */
export const startServerUnderTest = Effect.fnUntraced(function* (
  options: ServerOptions,
  onLog: (line: string) => void = (line) => void process.stderr.write(`${line}\n`)
) {
  const port = yield* Deferred.make<number, ServerGone>()
  const asked: Array<Deferred.Deferred<Measurement, ServerGone>> = []
  const exited = yield* Deferred.make<void>()
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      fork(fileURLToPath(new URL("main.ts", import.meta.url)), [JSON.stringify(options)], {
        execArgv: ["--conditions=@spillway/source", "--no-warnings", "--expose-gc"],
        // Its standard output is not ours: the last line of this process is the result.
        stdio: ["ignore", "ignore", "pipe", "ipc"]
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
  createInterface({ input: child.stderr! }).on("line", onLog)
  child.on("message", (message: FromServer) => {
    if (message.type === "ready") Deferred.doneUnsafe(port, Effect.succeed(message.port))
    else {
      const next = asked.shift()
      if (next !== undefined) Deferred.doneUnsafe(next, Effect.succeed(message))
    }
  })
  child.once("exit", (code, signal) => {
    const gone = Effect.fail(new ServerGone({ message: `The server ended (${signal ?? code}).` }))
    Deferred.doneUnsafe(port, gone)
    for (const one of asked.splice(0)) Deferred.doneUnsafe(one, gone)
    Deferred.doneUnsafe(exited, Effect.void)
  })

  return {
    port: yield* Deferred.await(port),
    measure: (collect: number) =>
      Effect.suspend(() => {
        const answer = Deferred.makeUnsafe<Measurement, ServerGone>()
        if (!child.connected) return Effect.fail(new ServerGone({ message: "The server has ended." }))
        asked.push(answer)
        child.send({ collect } satisfies ToServer)
        return Deferred.await(answer)
      }),
    /** True until it ends, whatever for. */
    isRunning: () => child.exitCode === null && child.signalCode === null
  }
})
