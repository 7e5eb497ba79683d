/**
 * Logs go to stderr, so that stdout holds what a program asked for: pretty on a terminal, one JSON object per line elsewhere.
 * `SPILLWAY_LOG=json|pretty` decides otherwise, `SPILLWAY_LOG_LEVEL` how much is said.
 */
import { Effect, Layer, Logger, References, Schema } from "effect"
import { type ConfigInvalid, readSetting } from "./ServerConfig.ts"

const levels = {
  all: "All",
  trace: "Trace",
  debug: "Debug",
  info: "Info",
  warn: "Warn",
  error: "Error",
  fatal: "Fatal",
  none: "None"
} as const

const names = Object.keys(levels) as ReadonlyArray<keyof typeof levels>

export const layerLogging: Layer.Layer<never, ConfigInvalid> = Layer.unwrap(
  Effect.gen(function* () {
    const level = yield* readSetting(
      "SPILLWAY_LOG_LEVEL",
      Schema.Literals(names),
      "info",
      `one of ${names.join(", ")}`
    )
    const format = yield* readSetting(
      "SPILLWAY_LOG",
      Schema.Literals(["json", "pretty"]),
      process.stderr.isTTY ? "pretty" : "json",
      "json or pretty"
    )
    const logger =
      format === "pretty"
        ? Logger.consolePretty({ mode: "tty", colors: process.stderr.isTTY })
        : Logger.withConsoleError(Logger.formatJson)
    return Layer.mergeAll(
      Logger.layer([logger]),
      Layer.succeed(References.LogToStderr, true),
      Layer.succeed(References.MinimumLogLevel, levels[level])
    )
  })
)
