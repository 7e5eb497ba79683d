/**
 * `npm run check`: everything that can be said about the code without running it. Each part prints one line
 * when all is well and its tool's own output when not; the exit code is the number of parts that failed.
 * `npm run check -- lint types` runs only these parts.
 */
import { spawnSync } from "node:child_process"
import { performance } from "node:perf_hooks"

interface Outcome {
  readonly ok: boolean
  /** What was looked at (when all is well), or the tool's own words. */
  readonly said: string
}

const tool = (
  name: string,
  ...args: ReadonlyArray<string>
): { code: number; stdout: string; all: string } => {
  const ran = spawnSync(`node_modules/.bin/${name}`, args, { encoding: "utf8", maxBuffer: 1 << 28 })
  const stdout = ran.stdout ?? ""
  return {
    code: ran.status ?? 1,
    stdout,
    all: [stdout, ran.stderr, ran.error?.message].filter(Boolean).join("\n")
  }
}

const types = (): Outcome => {
  const { code, all } = tool("tsc", "-b", "--pretty", "false")
  return { ok: code === 0, said: code === 0 ? "every project, tests included" : all }
}

/** Without its plugin entry in tsconfig.base.json this tool sees no file and would pass for ever. */
const effect = (): Outcome => {
  const { code, stdout, all } = tool(
    "effect-tsgo",
    "diagnostics",
    "--project",
    "tsconfig.all.json",
    "--format",
    "text",
    "--strict"
  )
  const checked = Number(/Checked (\d+) files/.exec(stdout)?.[1] ?? 0)
  if (code !== 0) return { ok: false, said: all }
  return checked > 0 ? { ok: true, said: `${checked} files` } : { ok: false, said: "No file was checked." }
}

const lint = (): Outcome => {
  const { code, all } = tool("oxlint", "--type-aware", "--deny-warnings")
  return { ok: code === 0, said: code === 0 ? (/on (\d+ files)/.exec(all)?.[1] ?? "") : all }
}

const format = (): Outcome => {
  const { code, all } = tool("oxfmt", "--check", ".")
  return {
    ok: code === 0,
    said: code === 0 ? (/on (\d+ files)/.exec(all)?.[1] ?? "") : `${all}\nnpm run fix formats.`
  }
}

const unused = (): Outcome => {
  const { code, all } = tool("knip", "--no-progress")
  return { ok: code === 0, said: code === 0 ? "no unused files, exports or dependencies" : all }
}

const parts: Record<string, () => Outcome> = { types, effect, lint, format, unused }
const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in parts))
if (unknown.length > 0) {
  console.error(
    `There is no part named ${unknown.join(", ")}. The parts are ${Object.keys(parts).join(", ")}.`
  )
  process.exit(1)
}

let failed = 0
for (const [name, part] of Object.entries(parts)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  const since = performance.now()
  const { ok, said } = part()
  const seconds = `${((performance.now() - since) / 1000).toFixed(1)} s`
  if (ok) {
    console.log(`${name.padEnd(8)} ok  ${said}, ${seconds}`)
  } else {
    failed += 1
    console.log(`${name.padEnd(8)} FAILED after ${seconds}\n${said.trimEnd()}\n`)
  }
}
process.exit(failed)
