import { describe, expect, it } from "@effect/vitest"
import type { CaseResult, Check } from "./BenchmarkCase.ts"
import { resultJson, resultText, tableText } from "./report.ts"

const atMost = (value: number): Check => ({ name: "bytes", value, limit: 8, is: "at most" })
const atLeast = (value: number): Check => ({ name: "ratio", value, limit: 4, is: "at least" })
const result = (...checks: ReadonlyArray<Check>): CaseResult => ({
  figures: { ratio: 5 },
  tables: [],
  checks
})

describe("report", () => {
  it("is ok when every figure is within its limit, and the limit itself is within", () => {
    expect(resultJson(result(atMost(8), atLeast(4))).ok).toBe(true)
    expect(resultJson(result(atMost(8.01), atLeast(4))).ok).toBe(false)
    expect(resultJson(result(atMost(8), atLeast(3.99))).ok).toBe(false)
  })

  it("does not take a figure that could not be measured for one that is within its limit", () => {
    expect(resultJson(result(atMost(Number.NaN))).ok).toBe(false)
    expect(resultJson(result(atLeast(Number.NaN))).ok).toBe(false)
  })

  it("says of each figure what it is, what it may be and whether it is that", () => {
    const text = resultText("append-32", "What is measured.", result(atLeast(5), atMost(9)))
    expect(text).toContain("✓ ratio: 5 (at least 4)")
    expect(text).toContain("✗ bytes: 9 (at most 8)")
  })

  it("sets words to the left and numbers to the right", () => {
    const rows = [
      { name: "a", "ops/s": 12_345 },
      { name: "longer", "ops/s": 7 }
    ]
    expect(tableText({ title: "Speed", rows })).toBe(
      ["  Speed", "  name     ops/s", "  a       12,345", "  longer       7"].join("\n")
    )
  })
})
