/**
 * `npm run --silent fuzz -- [--count 100000] [--seed N] [--only K] [--json]`: inputs made from the schemas, right and wrong, over real
 * websockets and HTTP to a server in a process of its own. Progress goes to stderr; the last line is one JSON object. Exits with 0 only
 * if every input was answered as the contracts say and the server is as good as before. `--only K` plays the input K of a seed again.
 */
import "effect/schema/SchemaJITCompiler/enable"
import { Cause, Effect, Redacted } from "effect"
import { parseArgs } from "node:util"
import { runFuzz } from "./fuzz/runFuzz.ts"
import { startDisposablePostgres } from "./runner/DisposablePostgres.ts"
import { runMain } from "./runner/runMain.ts"

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "100000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    only: { type: "string" },
    json: { type: "boolean", default: false }
  }
})

const [count, seed, only] = [values.count, values.seed, values.only ?? "0"].map(Number) as [
  number,
  number,
  number
]

const isUsable = [count, seed, only].every((value) => Number.isSafeInteger(value) && value >= 0) && count > 0

const main = Effect.gen(function* () {
  if (!isUsable) {
    process.stderr.write("Give --count, --seed and --only as whole numbers.\n")
    return false
  }
  const { makeDatabase } = yield* startDisposablePostgres
  const { url } = yield* makeDatabase("fuzz")
  const result = yield* runFuzz({
    count,
    seed,
    ...(values.only !== undefined && { only }),
    database: Redacted.make(url),
    progress: (line) => void process.stderr.write(`${line}\n`)
  })
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, null, 2)}\n`)
  return result.ok
}).pipe(
  Effect.scoped,
  Effect.catchCause((cause) =>
    Effect.sync(() => {
      process.stderr.write(`The fuzzer could not be run:\n${Cause.pretty(cause)}\n`)
      if (values.json)
        process.stdout.write(`${JSON.stringify({ ok: false, seed, error: String(Cause.squash(cause)) })}\n`)
      return false
    })
  )
)

runMain(main)
