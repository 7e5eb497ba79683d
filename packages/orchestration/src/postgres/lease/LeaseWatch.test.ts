import { describe, expect, it } from "vitest"
import { LeaseWatch, type SeenLease } from "./LeaseWatch.ts"

const held: SeenLease = {
  epoch: 3n,
  expiresAt: "12:00:04",
  isFree: false,
  ranOut: false,
  ranOutLongAgo: false,
  connection: "there",
  processGone: false
}
const gone: SeenLease = { ...held, connection: "gone" }
const proved = { expiresAt: "12:00:06" }

/** What the watch says at each look, `[milliseconds, what was seen]`, or at a failure of its own connection. */
const looks = (...seen: ReadonlyArray<readonly [at: number, lease: SeenLease] | "blinded">) => {
  const watch = new LeaseWatch({ absence: 1_000, silence: 2_000 })
  return seen.flatMap((look) =>
    look === "blinded" ? (watch.blinded(), []) : [watch.mayTake(look[1], look[0])]
  )
}

describe("whether a lease may be taken", () => {
  it("at once when it is free, ran out long ago, or its process was seen to be gone", () => {
    expect(looks([0, { ...held, isFree: true }])).toEqual([true])
    expect(looks([0, { ...held, ranOut: true, ranOutLongAgo: true }])).toEqual([true])
    expect(looks([0, { ...held, processGone: true }])).toEqual([true])
    expect(looks([0, held], [10_000, held])).toEqual([false, false])
  })

  it("when the holder's connection was gone at every look for a second, behind one proof", () => {
    expect(looks([0, gone], [999, gone], [1_000, gone])).toEqual([false, false, true])
    expect(looks([0, gone], [900, held], [1_000, gone], [1_900, gone])).toEqual([false, false, false, false])
    expect(looks([0, gone], [900, { ...gone, ...proved }], [1_800, { ...gone, ...proved }])).toEqual([
      false,
      false,
      false
    ])
    expect(looks([0, gone], [1_000, { ...gone, epoch: 4n }])).toEqual([false, false])
  })

  it("not for a connection that is gone with all the others: after a restart of the database, by the timed rule alone", () => {
    const unknown: SeenLease = { ...held, connection: "unknown" }
    expect(looks([0, unknown], [3_000, unknown])).toEqual([false, false])
    const ranOut = { ...unknown, ranOut: true }
    expect(looks([0, ranOut], [1_999, ranOut], [2_000, ranOut])).toEqual([false, false, true])
    expect(looks([0, ranOut], [1_000, held], [2_000, ranOut], [3_999, ranOut])).toEqual([
      false,
      false,
      false,
      false
    ])
  })

  it("not for a connection that went with this process's own, before the holder's was seen again", () => {
    expect(looks([0, gone], "blinded", [1_000, gone], [9_000, gone])).toEqual([false, false, false])
    expect(looks("blinded", [0, held], [500, gone], [1_500, gone])).toEqual([false, false, true])
    const ranOut = { ...gone, ranOut: true }
    expect(looks("blinded", [0, ranOut], [2_000, ranOut])).toEqual([false, true])
  })

  it("not at once for one that ran out while the database was away: its holder may be about to prove itself", () => {
    const longAgo = { ...gone, ranOut: true, ranOutLongAgo: true }
    expect(looks([0, held], "blinded", [60_000, longAgo], [60_500, held])).toEqual([false, false, false])
    expect(looks([0, held], "blinded", [60_000, longAgo], [62_000, longAgo])).toEqual([false, false, true])
  })
})
