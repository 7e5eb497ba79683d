/**
 * `npm run --silent faults -- [--seconds 300] [--seed N] [--break NAME] [--keep DIRECTORY] [--json]`: a whole server under load, with
 * everything breaking around it. Progress goes to stderr; with --json the last line is one JSON object. Exits with 0 only if all is as it must
 * be.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Cause, Effect, Logger, References } from "effect"
import { mkdirSync } from "node:fs"
import { parseArgs } from "node:util"
import { breaks } from "./server/breaks/breaks.ts"
import { runFaults } from "./runFaults.ts"
import { verdictText } from "./verdictText.ts"

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "300" },
    seed: { type: "string" },
    break: { type: "string" },
    keep: { type: "string" },
    json: { type: "boolean", default: false }
  }
})

const seconds = Number(values.seconds)
const seed = values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : Number(values.seed)

const main = Effect.gen(function* () {
  if (!(seconds >= 10) || !Number.isInteger(seed)) {
    process.stderr.write("Give --seconds from 10 on, and --seed as a whole number.\n")
    return false
  }
  if (values.break !== undefined && !(values.break in breaks)) {
    process.stderr.write(
      `There is no break "${values.break}". Choose one of: ${Object.keys(breaks).join(", ")}.\n`
    )
    return false
  }
  if (values.keep !== undefined) mkdirSync(values.keep, { recursive: true })
  const exit = yield* Effect.exit(
    Effect.scoped(
      runFaults({
        seed,
        seconds,
        breaks: values.break ?? null,
        keep: values.keep ?? null,
        progress: (line) => void process.stderr.write(`${line}\n`)
      })
    )
  )
  if (exit._tag === "Failure") {
    process.stderr.write(`Seed ${seed} could not be run:\n${Cause.pretty(exit.cause)}\n`)
    if (values.json) {
      process.stdout.write(
        `${JSON.stringify({ seed, ok: false, error: String(Cause.squash(exit.cause)) })}\n`
      )
    }
    return false
  }
  for (const line of exit.value.wrong) process.stderr.write(`${line}\n`)
  process.stdout.write(values.json ? `${JSON.stringify(exit.value)}\n` : verdictText(exit.value))
  return exit.value.ok
})

NodeRuntime.runMain(
  main.pipe(
    Effect.tap((ok) => Effect.sync(() => void (process.exitCode = ok ? 0 : 1))),
    Effect.provideService(References.MinimumLogLevel, "Warn"),
    Effect.provide(Logger.layer([Logger.withConsoleError(Logger.formatLogFmt)]))
  )
)
