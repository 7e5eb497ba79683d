import { describe, expect, it } from "@effect/vitest"
import { Cause, Effect, Logger, Redacted, References } from "effect"
import { settingsOf } from "../testing/settingsOf.ts"
import { logLine } from "./logLine.ts"
import { redactor } from "./redaction.ts"

/** What an effect logs, line by line. */
const linesOf = Effect.fnUntraced(function* (
  effect: Effect.Effect<unknown>,
  env: Record<string, string> = {}
) {
  const lines: Array<string> = []
  const redact = redactor(yield* settingsOf(env))
  const logger = Logger.make((options) => void lines.push(logLine(options, redact)))
  yield* effect.pipe(
    Effect.provide(Logger.layer([logger])),
    Effect.provideService(References.MinimumLogLevel, "All")
  )
  for (const line of lines) expect(line).not.toContain("\n")
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
})

describe("a line of the log", () => {
  it.effect("says when, how grave and what", () =>
    Effect.gen(function* () {
      expect(yield* linesOf(Effect.logWarning("Late"))).toEqual([
        { time: "1970-01-01T00:00:00.000Z", level: "warn", message: "Late" }
      ])
      expect(yield* linesOf(Effect.logError("Two\nlines", "why"))).toMatchObject([
        { level: "error", message: "Two\nlines: why" }
      ])
    })
  )

  it.effect("has the ids of what it is about, and those of its span", () =>
    Effect.gen(function* () {
      const [line] = yield* linesOf(
        Effect.logInfo("A turn was left behind", { because: "no session" }).pipe(
          Effect.annotateLogs({ threadId: "t1", turnId: "u1", commandId: "c1" }),
          Effect.withLogSpan("recovery"),
          Effect.withSpan("spillway.recovery")
        )
      )
      expect(line).toEqual({
        time: expect.any(String),
        level: "info",
        message: "A turn was left behind",
        threadId: "t1",
        turnId: "u1",
        commandId: "c1",
        because: "no session",
        durations: { recovery: 0 },
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
        spanId: expect.stringMatching(/^[0-9a-f]{16}$/)
      })
    })
  )

  it.effect("names no span where nothing is traced", () =>
    Effect.gen(function* () {
      const said = Effect.logInfo("Said").pipe(Effect.withSpan("spillway.recovery"))
      const [line] = yield* linesOf(Effect.withTracerEnabled(said, false))
      expect(Object.keys(line!)).toEqual(["time", "level", "message"])
    })
  )

  it.effect("lets nothing stand in the place of its own fields", () =>
    Effect.gen(function* () {
      const [line] = yield* linesOf(Effect.annotateLogs(Effect.logInfo("Said"), { level: "mine", time: 1 }))
      expect(line).toMatchObject({ level: "info", level_: "mine", time_: 1 })
    })
  )

  it.effect("holds errors with where they come from, and whatever else it is given", () =>
    Effect.gen(function* () {
      const circular: Record<string, unknown> = { big: 1n, none: Number.NaN }
      circular["self"] = circular
      const lines = yield* linesOf(
        Effect.gen(function* () {
          yield* Effect.logError("Broke", Cause.die(new Error("at the seams")))
          yield* Effect.logError("Broke", { defect: new TypeError("no number") })
          yield* Effect.logInfo("Odd", circular, [1, Redacted.make("sesame")], new Map([["a", 1]]))
        })
      )
      expect(lines[0]!["error"]).toMatch(/^Error: at the seams\n\s+at /)
      expect(lines[1]!["defect"]).toMatch(/^TypeError: no number\n\s+at /)
      expect(lines[2]).toMatchObject({ big: "1", none: "NaN" })
      expect(JSON.stringify(lines[2])).not.toContain("sesame")
    })
  )

  it.effect("holds no secret of the settings, and nothing that looks like one", () =>
    Effect.gen(function* () {
      const env = {
        SPILLWAY_TOKEN: "open-sesame",
        DATABASE_URL: "postgres://spillway:p%40ssw0rd@db/spillway",
        OPENAI_API_KEY: "own-format-key",
        OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20letmein"
      }
      const key = `sk-proj-${"a1B2c3D4".repeat(6)}`
      const lines = yield* linesOf(
        Effect.gen(function* () {
          yield* Effect.logError("Refused: open-sesame", { url: env.DATABASE_URL, key: "own-format-key" })
          yield* Effect.logError("Password p@ssw0rd is wrong", Cause.fail(new Error(`Incorrect key: ${key}`)))
          yield* Effect.annotateLogs(Effect.logError("Sent"), { headers: ["Bearer letmein"] })
        }),
        env
      )
      const text = JSON.stringify(lines)
      expect(text).not.toMatch(/sesame|ssw0rd|own-format|letmein/)
      expect(text).not.toContain(key)
      expect(text.match(/\[redacted\]/g)!.length).toBeGreaterThanOrEqual(6)
    })
  )
})
