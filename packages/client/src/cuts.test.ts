import { Effect } from "effect"
import { expect, it } from "vitest"
import { playCuts, type Tally } from "./testing/playCuts.ts"
import { makeWorld } from "./testing/ServerProcess.ts"

/** `SPILLWAY_CUT_SEED=17` plays one run again; `SPILLWAY_CUT_RUNS` says how many there are. */
const { SPILLWAY_CUT_RUNS, SPILLWAY_CUT_SEED } = process.env
const runs = Number(SPILLWAY_CUT_RUNS ?? 1_000)
const first = Number(SPILLWAY_CUT_SEED ?? 1)
const last = SPILLWAY_CUT_SEED === undefined ? runs : first

/** So many runs have a log in common. */
const TOGETHER = 25

const play = Effect.fnUntraced(function* (from: number, to: number, total: Tally) {
  const world = yield* makeWorld
  for (let seed = from; seed <= to; seed++) {
    const again = `play it again with SPILLWAY_CUT_SEED=${seed}`
    const run = yield* Effect.scoped(playCuts(world, seed))
    expect(run.wrong, again).toEqual([])
    expect(run.cut, again).toEqual(run.fold)
    expect(run.whole, again).toEqual(run.fold)
    for (const key of Object.keys(total) as Array<keyof Tally>) total[key] += run.tally[key]
  }
}, Effect.scoped)

it(
  "A3 A4 A14 a client that is cut at random moments ends with the same view as one that never was",
  { timeout: 240_000 },
  async () => {
    const total: Tally = { connections: 0, restarts: 0, events: 0, liveLost: 0, turnedDown: 0 }
    for (let from = first; from <= last; from += TOGETHER) {
      await Effect.runPromise(play(from, Math.min(last, from + TOGETHER - 1), total))
    }
    // The runs are worth something.
    if (SPILLWAY_CUT_SEED !== undefined) return
    expect(total.connections).toBeGreaterThan(3 * runs)
    expect(total.restarts).toBeGreaterThan(0.2 * runs)
    expect(total.events).toBeGreaterThan(30 * runs)
    expect(total.liveLost).toBeGreaterThan(0.2 * runs)
    expect(total.turnedDown).toBeGreaterThan(0.5 * runs)
  }
)
