/** What Spillway logs inside a service: handed to the service, or one line each on stderr. */
import { Layer, Logger, References } from "effect"
import type { LogLevel } from "effect/LogLevel"
import type { LogEntry, SpillwayLogLevel } from "./LogEntry.ts"

const levels = {
  debug: "Debug",
  info: "Info",
  warn: "Warn",
  error: "Error",
  none: "None"
} as const satisfies Record<SpillwayLogLevel, LogLevel>

const names: Record<string, LogEntry["level"]> = {
  TRACE: "debug",
  DEBUG: "debug",
  INFO: "info",
  WARN: "warn",
  ERROR: "error",
  FATAL: "error"
}

const textOf = (message: unknown): string =>
  Array.isArray(message)
    ? message.map(textOf).join(" ")
    : typeof message === "string"
      ? message
      : (JSON.stringify(message) ?? String(message))

const toStderr = ({ annotations, at, cause, level, message }: LogEntry): void => {
  const about = Object.entries(annotations).map(([name, value]) => ` ${name}=${textOf(value)}`)
  process.stderr.write(
    `${at} ${level} spillway: ${message}${about.join("")}${cause === undefined ? "" : `\n${cause}`}\n`
  )
}

export const layerLogging = (level: SpillwayLogLevel, onLog: (entry: LogEntry) => void = toStderr) =>
  Layer.mergeAll(
    Logger.layer([
      Logger.map(Logger.formatStructured, ({ annotations, cause, level, message, timestamp }) => {
        const entry = { level: names[level] ?? "info", message: textOf(message), at: timestamp, annotations }
        try {
          onLog(cause === undefined ? entry : { ...entry, cause })
        } catch (error) {
          // A service's logger that fails must fail nothing of ours.
          process.stderr.write(`spillway: onLog threw ${String(error)}\n`)
        }
      })
    ]),
    Layer.succeed(References.MinimumLogLevel, levels[level])
  )
