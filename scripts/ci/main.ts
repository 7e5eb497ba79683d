/**
 * `npm run ci`, what `.ci/run` does after `npm ci`: the tests, then everything else that must hold, each as one
 * check. The last line sums up the runners' own reports; the exit code is 0 only when nothing failed.
 */
import { existsSync, mkdirSync, rmSync } from "node:fs"
import { performance } from "node:perf_hooks"
import { behaviours, unnamed } from "./behaviours.ts"
import { installDebianPackages } from "./debianPackages.ts"
import { startInFreshHome } from "./freshHome.ts"
import { lastJsonLine, run } from "./run.ts"
import { none, plus, sentence, type Tally } from "./Tally.ts"
import { readTestReport } from "./testReport.ts"

const recordings = "../shared/recordings"
const report = "reports/vitest.json"

/** The whole run ends before this, so that its last line is always written. */
const deadline = performance.now() + 32 * 60_000
const minutesLeft = (atMost: number): number =>
  Math.max(0.1, Math.min(atMost, (deadline - performance.now()) / 60_000))

let sum: Tally = none
const summary: Array<string> = []

const conclude = (name: string, tally: Tally, note: string): void => {
  sum = plus(sum, tally)
  const line = `${tally.failed === 0 ? "ok    " : "FAILED"} ${name}: ${note}`
  summary.push(line)
  console.log(`\n${line}\n`)
}

const check = (name: string, ok: boolean, note: string): void =>
  conclude(name, { ...none, [ok ? "passed" : "failed"]: 1 }, note)

const heading = (name: string): void => console.log(`\n── ${name} ──\n`)

const npmRun = (script: string, args: ReadonlyArray<string>, minutes: number) =>
  run("npm", ["run", "--silent", script, ...(args.length > 0 ? ["--", ...args] : [])], {
    timeoutMinutes: minutesLeft(minutes)
  })

const tests = async (): Promise<void> => {
  heading("npm test")
  rmSync(report, { force: true })
  mkdirSync("reports", { recursive: true })
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`]
  const { code, timedOut } = await run("npm", ["test", "--", ...reporters], {
    timeoutMinutes: minutesLeft(20)
  })
  const read = readTestReport(report)
  if (read === undefined) {
    return check(
      "npm test",
      false,
      timedOut ? "took over 20 minutes" : `ended with ${code} and without a report`
    )
  }
  const failed = read.tally.failed === 0 && code !== 0 ? 1 : read.tally.failed
  conclude("npm test", { ...read.tally, failed }, sentence({ ...read.tally, failed }))
  const missing = unnamed(read.passedTitles)
  check(
    "behaviours",
    missing.length === 0,
    missing.length === 0
      ? `each of ${behaviours.length} ids starts the title of a passed test`
      : `no passed test's title starts with ${missing.join(", ")}`
  )
  check("no test is skipped", read.tally.skipped === 0, `${read.tally.skipped} skipped`)
}

/** A command that says with its exit code whether all was well, and with its last line of JSON what it saw. */
const command = async (script: string, args: ReadonlyArray<string>, minutes: number): Promise<void> => {
  heading(`npm run ${script}`)
  const { code, stdout, timedOut } = await npmRun(script, args, minutes)
  const saw = lastJsonLine(stdout)
  if (timedOut) check(script, false, `took over ${minutes} minutes`)
  else if (saw === undefined) check(script, false, `ended with ${code}, and its last line is no JSON object`)
  else check(script, code === 0, `ended with ${code}: ${JSON.stringify(saw)}`)
}

/** Each example counts. One whose tools are not here is skipped, and has said so. */
const examples = async (): Promise<void> => {
  heading("npm run examples")
  console.log(await installDebianPackages(["chromium", "python3", "python3-websockets"]))
  const { code, stdout, timedOut } = await npmRun("examples", [], 6)
  const saw = lastJsonLine(stdout) as { examples: number; failed: string[]; leftOut: string[] } | undefined
  if (timedOut || saw === undefined) {
    return check("examples", false, timedOut ? "took over 6 minutes" : `ended with ${code}, without a result`)
  }
  const [failed, skipped] = [saw.failed.length, saw.leftOut.length]
  const tally = { passed: saw.examples - failed - skipped, failed, skipped }
  const names = [...saw.failed, ...saw.leftOut.map((name) => `${name} is left out`)].join(", ")
  conclude("examples", tally, `${sentence(tally)}${names === "" ? "" : `: ${names}`}`)
}

const start = async (who: string, uid: number, gid: number): Promise<void> => {
  const name = `npm start in a 0700 home, as ${who}`
  heading(name)
  try {
    check(name, true, await startInFreshHome({ uid, gid }))
  } catch (error) {
    check(name, false, error instanceof Error ? error.message : String(error))
  }
}

await tests()

heading("npm run check")
const { code } = await npmRun("check", [], 6)
check("check", code === 0, `ended with ${code}`)

await command("pack-check", [], 5)
await examples()

if (existsSync(recordings)) await command("recordings", [recordings, "--json"], 10)
else console.log(`\nrecordings is left out: there is no ${recordings} here.\n`)

await command("bench", ["append-32", "ingest", "silent-sockets", "--json"], 7)
await command("fuzz", ["--count", "100000", "--json"], 5)
await command("load", ["--threads", "20", "--seconds", "20", "--json"], 3)
await command("faults", ["--seconds", "60", "--json"], 4)
await command("dockerfile-check", [], 5)
await command("compose-check", [], 3)
await command("dashboard-check", [], 4)
await command("restore-check", [], 4)

const nobody = 65534
const [uid, gid] = [process.getuid?.() ?? nobody, process.getgid?.() ?? nobody]
if (uid === 0) {
  await start("root", 0, 0)
  await start("an ordinary user", nobody, nobody)
} else {
  await start("an ordinary user", uid, gid)
  console.log("\nThe start as root is left out: this run is not root's.\n")
}

console.log(`\n${summary.join("\n")}\n`)
console.log(sentence(sum))
process.exit(sum.failed === 0 ? 0 : 1)
