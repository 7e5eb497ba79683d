/** `spillway serve` as a process of its own. */
import { Effect } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { resolve } from "node:path"

const bin = resolve("apps/server/src/bin.ts")

/** How long it may take to be ready, and to stop. Milliseconds. */
const START_TIMEOUT = 60_000
const STOP_TIMEOUT = 20_000

export interface ServerProcess {
  /** `127.0.0.1:4000` */
  readonly address: string
  /** What it has logged so far. */
  readonly log: () => string
  /** Ends it as an operator would; its exit code. */
  readonly stop: Effect.Effect<number | null>
}

/** It sees no variable but these, `PATH` and `HOME`. Killed with the scope, if it is still there. */
export const startServer = Effect.fnUntraced(function* (environment: Readonly<Record<string, string>>) {
  const { HOME = "", PATH = "" } = process.env
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, ["--conditions=@spillway/source", "--no-warnings", bin, "serve"], {
        stdio: ["ignore", "ignore", "pipe"],
        env: { PATH, HOME, SPILLWAY_LOG: "json", SPILLWAY_PORT: "0", ...environment }
      })
    ),
    (child) => Effect.sync(() => void child.kill("SIGKILL"))
  )
  const log = { text: "" }
  const exited = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)))
  const address = yield* ready(child, log)
  const server: ServerProcess = {
    address,
    log: () => log.text,
    stop: Effect.sync(() => child.kill("SIGTERM")).pipe(
      Effect.andThen(Effect.promise(() => exited)),
      Effect.timeoutOrElse({
        duration: STOP_TIMEOUT,
        orElse: () => Effect.die(new Error(`The server did not stop:\n${log.text}`))
      })
    )
  }
  return server
})

const ready = (child: ChildProcess, log: { text: string }) =>
  Effect.callback<string>((resume) => {
    child.stderr!.setEncoding("utf8").on("data", (chunk: string) => {
      log.text += chunk
      const address = /"message":"Spillway is ready".*?"address":"([^"]+)"/.exec(log.text)?.[1]
      if (address !== undefined) resume(Effect.succeed(address))
    })
    child.once("close", () => resume(Effect.die(new Error(`The server does not start:\n${log.text}`))))
  }).pipe(
    Effect.timeoutOrElse({
      duration: START_TIMEOUT,
      orElse: () => Effect.die(new Error(`The server does not start:\n${log.text}`))
    })
  )
