/**
 * `npm run --silent load -- [--threads 200] [--seconds 300] [--watchers 20] [--json]`: a whole server under load for a while, with its
 * database standing still in the middle. Progress goes to stderr; the last line is one JSON object. Exits with 0 only if all holds.
 */
import { Cause, Effect } from "effect"
import { parseArgs } from "node:util"
import { loadText } from "./load/loadText.ts"
import { runLoad } from "./load/runLoad.ts"
import { runMain } from "./runner/runMain.ts"

const { values } = parseArgs({
  options: {
    threads: { type: "string", default: "200" },
    seconds: { type: "string", default: "300" },
    watchers: { type: "string", default: "20" },
    json: { type: "boolean", default: false }
  }
})

const options = {
  threads: Number(values.threads),
  seconds: Number(values.seconds),
  watchers: Number(values.watchers),
  progress: (line: string) => void process.stderr.write(`${line}\n`)
}

const isUsable =
  Number.isInteger(options.threads) &&
  options.threads > 0 &&
  Number.isInteger(options.watchers) &&
  options.watchers > 0 &&
  options.threads / options.watchers <= 50 &&
  options.seconds >= 10

const main = Effect.gen(function* () {
  if (!isUsable) {
    process.stderr.write(
      "Give --threads and --watchers as whole numbers above 0, at most 50 threads to a watcher, and --seconds from 10 on.\n"
    )
    return false
  }
  const exit = yield* Effect.exit(Effect.scoped(runLoad(options)))
  if (exit._tag === "Failure") {
    process.stderr.write(`The load could not be run:\n${Cause.pretty(exit.cause)}\n`)
    if (values.json)
      process.stdout.write(`${JSON.stringify({ ok: false, error: String(Cause.squash(exit.cause)) })}\n`)
    return false
  }
  process.stdout.write(values.json ? `${JSON.stringify(exit.value)}\n` : loadText(exit.value))
  return exit.value.ok
})

runMain(main)
