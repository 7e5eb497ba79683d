/** Shows that the harness can fail: each break is told of by the counter that is named for it, and where nothing is broken, nothing is told. */
import { beforeAll, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { breaks } from "../server/breaks/breaks.ts"
import { MOST_LOST } from "../verdict.ts"
import { makeDatabases } from "./databases.ts"
import { type Counts, runDirected } from "./runDirected.ts"

/** Which counter must tell of a break. The README has the same table. */
const toldBy: Readonly<Record<string, keyof Counts>> = {
  "receipt-before-commit": "lost",
  "forget-a-receipt": "lost",
  "text-dropped": "lost",
  "no-checkpoint": "lostBufferedMsMax",
  "publish-before-commit": "inversions",
  "cursor-not-in-append": "gaps",
  "no-claim-before-call": "duplicated",
  "taken-again": "duplicated",
  "forget-a-thread": "stuckThreads",
  "event-not-handed-on": "viewMismatches",
  "event-not-projected": "viewMismatches",
  "checkpoint-before-rows": "viewMismatches"
}

/** Breaks under which something never comes: there is no use in waiting for it. The others are waited for, however busy the machine is. */
const hopeless = new Set(["event-not-handed-on", "forget-a-thread", "publish-before-commit"])
const SHORT = 4_000
const LONG = 30_000

/** All of them at once: their servers are in one process, which is killed and started again. */
const runAll = Effect.gen(function* () {
  const planted = [null, ...Object.keys(breaks)]
  const { databases, scratch } = yield* makeDatabases(planted.length)
  const counts = yield* runDirected(
    planted.map((name, i) => ({
      databaseUrl: databases[i]!,
      breaks: name,
      patience: name !== null && hopeless.has(name) ? SHORT : LONG
    })),
    scratch
  )
  return new Map(planted.map((name, i) => [name, counts[i]!]))
}).pipe(Effect.scoped)

describe("the harness", () => {
  let counts: ReadonlyMap<string | null, Counts>
  beforeAll(async () => {
    counts = await Effect.runPromise(runAll)
  }, 120_000)

  it("finds nothing where nothing is broken", () => {
    const { lostBufferedMsMax, ...found } = counts.get(null)!
    expect(lostBufferedMsMax).toBeLessThanOrEqual(MOST_LOST)
    expect(Object.entries(found).filter(([, findings]) => findings.length > 0)).toEqual([])
  })

  it("names a counter for every break", () => {
    expect(Object.keys(toldBy).sort()).toEqual(Object.keys(breaks).sort())
  })

  it.each(Object.entries(toldBy))("tells of the break %s by the counter %s", (name, counter) => {
    const told = counts.get(name)![counter]
    if (typeof told === "number") expect(told).toBeGreaterThan(MOST_LOST)
    else expect(told).not.toEqual([])
  })
})
