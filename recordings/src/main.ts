/** `npm run --silent recordings -- [DIR] [--json]`: see `help` in options.ts. */
import "effect/schema/SchemaJITCompiler/enable"
import { NodeRuntime } from "@effect/platform-node"
import { EmbeddedPostgres } from "@spillway/embedded-postgres"
import { Cause, Effect, Logger, References } from "effect"
import { help, type Options, parseOptions } from "./options.ts"
import { passLine, problems, reportText, summary } from "./report.ts"
import { runRecordings } from "./runRecordings.ts"

const say = (line: string) => void process.stdout.write(`${line}\n`)
const complain = (line: string) => void process.stderr.write(`${line}\n`)

/** Answers whether all is well. */
const run = Effect.fnUntraced(function* (options: Options) {
  // On a directory that is gone afterwards: what it commits need not survive the machine.
  const postgres = yield* EmbeddedPostgres.startTemporary({ durable: false })
  const report = yield* runRecordings({
    ...options,
    databaseUrl: postgres.url,
    onPass: (pass) => (options.json ? complain : say)(passLine(pass))
  })
  if (options.json) say(JSON.stringify(summary(report)))
  else say(reportText(report))
  return problems(report).length === 0
}, Effect.scoped)

const main = Effect.gen(function* () {
  const options = parseOptions(process.argv.slice(2))
  if (options === "help") return say(help)
  if ("problem" in options) {
    complain(`${options.problem}\nTry --help.`)
    process.exitCode = 1
    return
  }
  const ok = yield* run(options)
  process.exitCode = ok ? 0 : 1
}).pipe(
  Effect.catchCause((cause) =>
    Effect.sync(() => {
      const error = Cause.squash(cause)
      complain(Cause.hasDies(cause) || !(error instanceof Error) ? Cause.pretty(cause) : error.message)
      process.exitCode = 1
    })
  ),
  // Turns that fail are what some recordings are about; only what is wrong with the server is said.
  Effect.provideService(References.MinimumLogLevel, "Error"),
  Effect.provide(Logger.layer([Logger.withConsoleError(Logger.formatLogFmt)]))
)

NodeRuntime.runMain(main)
