import { describe, expect, it } from "vitest"
import { behaviours, unnamed } from "./behaviours.ts"
import { testReport } from "./testReport.ts"

const file = (status: string, ...tests: ReadonlyArray<readonly [title: string, status: string]>) => ({
  name: "a.test.ts",
  status,
  assertionResults: tests.map(([title, of]) => ({ title, status: of }))
})

const counts = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 }

describe("the report of a test run", () => {
  it("counts what passed, failed and was skipped, todo included", () => {
    const ran = file("failed", ["D1 a", "passed"], ["D2 b", "failed"], ["D3 c", "skipped"], ["D4 d", "todo"])
    const all = { numPassedTests: 1, numFailedTests: 1, numPendingTests: 1, numTodoTests: 1 }
    expect(testReport({ success: false, ...all, testResults: [ran] })).toEqual({
      tally: { passed: 1, failed: 1, skipped: 2 },
      passedTitles: ["D1 a"]
    })
  })

  it("counts a file that failed before its first test", () => {
    const report = { success: false, ...counts, testResults: [file("failed")] }
    expect(testReport(report).tally.failed).toBe(1)
  })

  it("counts a run that failed although each test passed", () => {
    const report = {
      success: false,
      ...counts,
      numPassedTests: 1,
      testResults: [file("passed", ["D1 a", "passed"])]
    }
    expect(testReport(report).tally.failed).toBe(1)
  })
})

describe("the behaviours without a test", () => {
  it("are all of them when there is no test", () => {
    expect(unnamed([])).toEqual(behaviours)
    expect(new Set(behaviours).size).toBe(behaviours.length)
    // Ids come, and none goes.
    expect(behaviours.length).toBeGreaterThanOrEqual(72)
  })

  it("are none when each id starts a title", () => {
    expect(unnamed(behaviours.map((id) => `${id} holds`))).toEqual([])
  })

  it("still hold T1 when only T10 and a sentence about T1 are there", () => {
    const missing = unnamed(["T10 is linear", "what T1 says", "T1a is another"])
    expect(missing).toContain("T1")
    expect(missing).not.toContain("T10")
  })
})
