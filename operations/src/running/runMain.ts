/**
 * Runs a check: progress goes to stderr, the last line of stdout is what it saw as one JSON object, and the exit code says whether all
 * held.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Cause, Effect, Logger, References, type Scope } from "effect"

export interface Saw {
  readonly ok: boolean
  readonly [what: string]: unknown
}

export const progress = (line: string): void => void process.stderr.write(`${line}\n`)

export const runMain = <E>(check: Effect.Effect<Saw, E, Scope.Scope>): void =>
  NodeRuntime.runMain(
    Effect.scoped(check).pipe(
      Effect.catchCause((cause) => {
        progress(Cause.pretty(cause))
        return Effect.succeed<Saw>({ ok: false, error: String(Cause.squash(cause)) })
      }),
      Effect.tap((saw) =>
        Effect.sync(() => {
          process.stdout.write(`${JSON.stringify(saw)}\n`)
          process.exitCode = saw.ok ? 0 : 1
        })
      ),
      Effect.provideService(References.MinimumLogLevel, "Warn"),
      Effect.provide(Logger.layer([Logger.withConsoleError(Logger.formatLogFmt)]))
    )
  )

/** A condition of a check. */
export const hold = (condition: boolean, what: string): Effect.Effect<void> =>
  condition ? Effect.void : Effect.die(new Error(what))
