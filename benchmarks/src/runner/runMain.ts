/** Runs a program of this package: what is worth a warning goes to stderr, and the exit code says whether all held. */
import { NodeRuntime } from "@effect/platform-node"
import { Effect, Logger, References } from "effect"

export const runMain = <E>(main: Effect.Effect<boolean, E>): void =>
  NodeRuntime.runMain(
    main.pipe(
      Effect.tap((ok) => Effect.sync(() => void (process.exitCode = ok ? 0 : 1))),
      Effect.provideService(References.MinimumLogLevel, "Warn"),
      Effect.provide(Logger.layer([Logger.withConsoleError(Logger.formatLogFmt)]))
    )
  )
