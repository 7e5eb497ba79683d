import { describe, expect, it } from "@effect/vitest"
import { median, quantile } from "./statistics.ts"

describe("statistics", () => {
  it("takes quantiles by nearest rank, whatever the order of the samples", () => {
    const samples = Array.from({ length: 100 }, (_, i) => 100 - i)
    expect(quantile(samples, 0.5)).toBe(50)
    expect(quantile(samples, 0.99)).toBe(99)
    expect(quantile([7], 0.99)).toBe(7)
  })

  it("takes the middle of the samples as their median", () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([9, 1, 5, 3])).toBe(4)
  })

  it("has no figure for no samples", () => {
    expect(quantile([], 0.5)).toBeNaN()
    expect(median([])).toBeNaN()
  })
})
