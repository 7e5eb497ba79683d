import { readFileSync } from "node:fs"
import type { Tally } from "./Tally.ts"

/** The part of vitest's JSON report that is read here. */
interface VitestReport {
  readonly success: boolean
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: ReadonlyArray<{
    readonly name: string
    readonly status: string
    readonly assertionResults: ReadonlyArray<{ readonly title: string; readonly status: string }>
  }>
}

export interface TestReport {
  readonly tally: Tally
  readonly passedTitles: ReadonlyArray<string>
}

/**
 * Counts what ran. A file that failed before its first test counts as one failed test, and so does a run that
 * vitest calls unsuccessful for a reason of its own (an unhandled error, say) although each test passed.
 */
export const testReport = (report: VitestReport): TestReport => {
  const broken = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed")
  )
  const failed = report.numFailedTests + broken.length
  return {
    tally: {
      passed: report.numPassedTests,
      failed: failed === 0 && !report.success ? 1 : failed,
      skipped: report.numPendingTests + report.numTodoTests
    },
    passedTitles: report.testResults.flatMap((file) =>
      file.assertionResults.filter((test) => test.status === "passed").map((test) => test.title)
    )
  }
}

/** undefined when there is no readable report: the runner died before it could write one. */
export const readTestReport = (path: string): TestReport | undefined => {
  try {
    return testReport(JSON.parse(readFileSync(path, "utf8")) as VitestReport)
  } catch {
    return undefined
  }
}
