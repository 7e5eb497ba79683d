/**
 * `npm run --silent bench -- [case …] [--json]`: runs the cases named, or all of them. With `--json` the last line is one JSON
 * object; progress goes to stderr. Exits with 0 only if every figure is within its limit.
 */
import "effect/schema/SchemaJITCompiler/enable"
import { Cause, Effect } from "effect"
import { parseArgs } from "node:util"
import { cases } from "./cases/index.ts"
import type { BenchmarkCase } from "./runner/BenchmarkCase.ts"
import { resultJson, resultText } from "./runner/report.ts"
import { runMain } from "./runner/runMain.ts"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false } }
})

const chosen =
  positionals.length === 0
    ? cases
    : positionals.map((name) => cases.find((each) => each.name === name) ?? name)

const runCase = Effect.fnUntraced(function* (benchmark: BenchmarkCase) {
  const exit = yield* Effect.exit(Effect.scoped(benchmark.run))
  if (exit._tag === "Failure") {
    process.stderr.write(`${benchmark.name} could not be measured:\n${Cause.pretty(exit.cause)}\n`)
    return [benchmark.name, { ok: false, error: String(Cause.squash(exit.cause)) }] as const
  }
  if (!values.json) process.stdout.write(`${resultText(benchmark.name, benchmark.about, exit.value)}\n`)
  return [benchmark.name, resultJson(exit.value)] as const
})

const main = Effect.gen(function* () {
  const unknown = chosen.filter((each) => typeof each === "string")
  if (unknown.length > 0) {
    const known = cases.map(({ name }) => name).join(", ")
    process.stderr.write(`There is no case ${unknown.join(", ")}. Choose from: ${known}.\n`)
    return false
  }
  const results = yield* Effect.forEach(chosen as ReadonlyArray<BenchmarkCase>, runCase)
  const ok = results.every(([, result]) => result.ok)
  if (values.json) process.stdout.write(`${JSON.stringify({ ok, cases: Object.fromEntries(results) })}\n`)
  return ok
})

runMain(main)
