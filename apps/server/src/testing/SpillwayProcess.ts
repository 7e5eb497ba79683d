/** The `spillway` executable as a process of its own, as a person or a program runs it. */
import { Deferred, Effect, type Scope } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

const bin = fileURLToPath(new URL("../bin.ts", import.meta.url))

export type Environment = Readonly<Record<string, string>>

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface SpillwayProcess {
  readonly child: ChildProcess
  /** Once it has printed this, on stdout or stderr; the result is what it matched. Fails the test when it ends before. */
  readonly printed: (pattern: RegExp) => Effect.Effect<RegExpExecArray>
  readonly ended: Effect.Effect<Ended>
}

/** Of this process's variables a process sees these alone; the last one is where Node keeps what it compiled. */
const inherited = Object.fromEntries(
  ["PATH", "HOME", "NODE_COMPILE_CACHE"].flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  })
)

/** Killed with its scope, if it still runs. */
export const spawnSpillway = (
  args: ReadonlyArray<string>,
  environment: Environment = {}
): Effect.Effect<SpillwayProcess, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const child = spawn(
        process.execPath,
        ["--conditions=@spillway/source", "--no-warnings", bin, ...args],
        {
          stdio: ["ignore", "pipe", "pipe"],
          env: { ...inherited, ...environment }
        }
      )
      const output = { stdout: "", stderr: "" }
      const looking = new Set<() => void>()
      const ended = Deferred.makeUnsafe<Ended>()
      for (const name of ["stdout", "stderr"] as const) {
        child[name].on("data", (chunk: Buffer) => {
          output[name] += chunk.toString("utf8")
          for (const look of looking) look()
        })
      }
      child.on("close", (code) => {
        Deferred.doneUnsafe(ended, Effect.succeed({ code, ...output }))
        for (const look of looking) look()
      })
      const printed = (pattern: RegExp) =>
        Effect.callback<RegExpExecArray>((resume) => {
          const look = () => {
            const match = pattern.exec(output.stdout) ?? pattern.exec(output.stderr)
            if (match === null && child.exitCode === null && child.signalCode === null) return
            looking.delete(look)
            const said = `${args.join(" ")} ended without printing ${pattern}:\n${output.stdout}\n${output.stderr}`
            resume(match === null ? Effect.die(new Error(said)) : Effect.succeed(match))
          }
          looking.add(look)
          look()
        })
      return { child, printed, ended: Deferred.await(ended) }
    }),
    ({ child }) => Effect.sync(() => void child.kill("SIGKILL"))
  )

/** Runs a command to its end. */
export const runSpillway = (
  args: ReadonlyArray<string>,
  environment: Environment = {}
): Effect.Effect<Ended> =>
  Effect.scoped(Effect.flatMap(spawnSpillway(args, environment), (spillway) => spillway.ended))

/** A server that is ready, and its address as `ws://host:port`. */
export const startServer = Effect.fnUntraced(function* (environment: Environment) {
  const server = yield* spawnSpillway(["serve"], environment)
  const [, url, port] = yield* server.printed(/ready at (ws:\/\/[^/]+:(\d+))\//)
  return { ...server, url: url!, port: port! }
})

/** Stops it as an operator would; answers its exit code. */
export const stopServer = (server: SpillwayProcess, signal: "SIGINT" | "SIGTERM" = "SIGTERM") =>
  Effect.sync(() => server.child.kill(signal)).pipe(
    Effect.andThen(server.ended),
    Effect.map(({ code }) => code)
  )
