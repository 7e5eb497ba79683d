import { describe, expect, it } from "@effect/vitest"
import { growthOf } from "./memory.ts"

const MEBIBYTE = 1024 * 1024

const samples = (seconds: number, rssAt: (second: number) => number) =>
  Array.from({ length: 50 }, (_, i) => ((i + 1) * seconds) / 50).map((at) => ({
    at,
    rss: rssAt(at) * MEBIBYTE,
    heapUsed: 0
  }))

describe("growthOf", () => {
  it("compares the second and the last fifth of the time: of five minutes, the second and the fifth", () => {
    const rssAt = (at: number) => (at <= 55 ? 50 : at <= 130 ? 100 : at <= 235 ? 900 : 110)
    const { isFlat, last, ratio, second } = growthOf(samples(300, rssAt), 300)
    expect([second / MEBIBYTE, last / MEBIBYTE, ratio, isFlat]).toEqual([100, 110, 1.1, true])
  })

  it("sees a leak, and not a single sample that is out of line", () => {
    expect(
      growthOf(
        samples(300, (at) => (at <= 235 ? 100 : 111)),
        300
      ).isFlat
    ).toBe(false)
    expect(
      growthOf(
        samples(300, (at) => 400 + at / 2),
        300
      ).isFlat
    ).toBe(false)
    expect(
      growthOf(
        samples(300, (at) => (at === 300 ? 500 : 100)),
        300
      ).isFlat
    ).toBe(true)
  })

  it("measures the heap of a load that is shorter, and lets it warm up", () => {
    const shorter = (heapAt: (second: number) => number) =>
      growthOf(
        samples(60, (at) => (at <= 30 ? 200 : 900)).map((sample) => ({
          ...sample,
          heapUsed: heapAt(sample.at) * MEBIBYTE
        })),
        60
      )
    expect(shorter((at) => (at <= 30 ? 60 : 80))).toMatchObject({ measured: "heap", isFlat: true })
    expect(shorter((at) => (at <= 30 ? 60 : 90)).isFlat).toBe(false)
  })

  it("is not flat where nothing was measured", () => {
    expect(growthOf([], 300).isFlat).toBe(false)
  })
})
