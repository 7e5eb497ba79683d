/**
 * Logs go to stderr, so that stdout holds what a program asked for: pretty on a terminal, one JSON object per line elsewhere.
 * `SPILLWAY_LOG=json|pretty` decides otherwise, `SPILLWAY_LOG_LEVEL` how much is said.
 */
import { Layer, Logger, References } from "effect"
import type { Settings } from "../config/readSettings.ts"
import { logLine } from "./logLine.ts"
import { redactor } from "./redaction.ts"

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

export const layerLogging = (settings: Settings): Layer.Layer<never> => {
  const format = settings.SPILLWAY_LOG ?? (process.stderr.isTTY ? "pretty" : "json")
  const redact = redactor(settings)
  const logger =
    format === "pretty"
      ? Logger.consolePretty({ mode: "tty", colors: process.stderr.isTTY })
      : Logger.withConsoleError(Logger.make((options) => logLine(options, redact)))
  return Layer.mergeAll(
    Logger.layer([logger]),
    Layer.succeed(References.LogToStderr, true),
    Layer.succeed(References.MinimumLogLevel, levels[settings.SPILLWAY_LOG_LEVEL])
  )
}
