import { describe, expect, it } from "@effect/vitest"
import { growthOf } from "./memory.ts"

const samples = (rssAt: (second: number) => number) =>
  Array.from({ length: 50 }, (_, i) => ({ at: (i + 1) * 6, rss: rssAt((i + 1) * 6), heapUsed: 0 }))

describe("growthOf", () => {
  it("compares the second and the last fifth of the time: of five minutes, the second and the fifth", () => {
    const { last, ratio, second } = growthOf(
      samples((at) => (at <= 55 ? 50 : at <= 130 ? 100 : at <= 235 ? 900 : 110)),
      300
    )
    expect({ second, last }).toEqual({ second: 100, last: 110 })
    expect(ratio).toBeCloseTo(1.1)
  })

  it("sees a leak, and not a single sample that is out of line", () => {
    expect(
      growthOf(
        samples((at) => 100 + at),
        300
      ).ratio
    ).toBeGreaterThan(1.5)
    expect(
      growthOf(
        samples((at) => (at === 300 ? 500 : 100)),
        300
      ).ratio
    ).toBe(1)
  })
})
