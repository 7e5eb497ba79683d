/**
 * `npm run examples`: starts each example and checks what it does, by its own `src/check.ts`. `npm run examples -- NAME …` runs these.
 * One that can't be checked on this machine is left out and says why. The last line is one JSON object; the exit code is 0 only when none
 * failed.
 */
import { spawnSync } from "node:child_process"
import { existsSync, readdirSync } from "node:fs"
import { performance } from "node:perf_hooks"
import { LEFT_OUT } from "./checking/leftOut.ts"
import { nodeProgram } from "./checking/Program.ts"

const here = import.meta.dirname
const all = readdirSync(here).filter((name) => existsSync(`${here}/${name}/src/check.ts`))
const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !all.includes(name))
if (unknown.length > 0) {
  console.error(`There is no example ${unknown.join(", ")}: choose from ${all.join(", ")}.`)
  process.exit(1)
}

const failed: Array<string> = []
const leftOut: Array<string> = []
for (const name of asked.length > 0 ? asked : all) {
  const startedAt = performance.now()
  const [program = "", ...args] = nodeProgram("src/check.ts")
  const { status, stderr, stdout } = spawnSync(program, args, { cwd: `${here}/${name}`, encoding: "utf8" })
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
  const ok = status === 0 || status === LEFT_OUT
  if (status === LEFT_OUT) leftOut.push(name)
  else if (!ok) failed.push(name)
  const said = ok ? (stdout.trimEnd().split("\n").at(-1) ?? "") : `\n${stdout}${stderr}`
  console.log(
    `${name.padEnd(24)} ${status === LEFT_OUT ? "left out" : ok ? "ok      " : "FAILED  "} ${seconds} s  ${said}`
  )
}
console.log(JSON.stringify({ examples: (asked.length > 0 ? asked : all).length, failed, leftOut }))
process.exit(failed.length === 0 ? 0 : 1)
