import { describe, expect, it } from "@effect/vitest"
import { LEAST_IN_300_SECONDS, scheduleOf } from "./schedule.ts"

const count = (schedule: ReturnType<typeof scheduleOf>, type: string) =>
  schedule.filter((fault) => fault.type === type).length

describe("the schedule of faults", () => {
  it("is the same for the same seed and length, and another one for another seed", () => {
    expect(scheduleOf(7, 300)).toEqual(scheduleOf(7, 300))
    expect(scheduleOf(7, 300)).not.toEqual(scheduleOf(8, 300))
  })

  it("holds more kills than a run must have, in order and within the run, for any seed", () => {
    for (let seed = 0; seed < 50; seed++) {
      const schedule = scheduleOf(seed, 300)
      expect(count(schedule, "kill-server")).toBeGreaterThan(LEAST_IN_300_SECONDS.serverKills)
      expect(count(schedule, "kill-postgres")).toBeGreaterThan(LEAST_IN_300_SECONDS.postgresKills)
      const times = schedule.map(({ at }) => at)
      expect(times).toEqual(times.toSorted((one, other) => one - other))
      expect(times[0]).toBeGreaterThan(1_000)
      expect(times.at(-1)).toBeLessThan(300_000)
    }
  })

  it("has every kind of fault in a minute", () => {
    const types = new Set(scheduleOf(1, 60).map(({ type }) => type))
    expect(types.size).toBe(7)
  })
})
