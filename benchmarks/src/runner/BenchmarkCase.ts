/** One case of the suite: a name, and a run that ends in figures and in what they have to be. A case is one file in `cases/`. */
import type { Effect, Schema, Scope } from "effect"

/** A figure that has to stay within a limit. */
export interface Check {
  readonly name: string
  readonly value: number
  readonly limit: number
  /** Whether the limit is the most or the least that the value may be. */
  readonly is: "at most" | "at least"
}

export const passes = ({ is, limit, value }: Check): boolean =>
  is === "at most" ? value <= limit : value >= limit

/** Rows of one shape, for people. The keys of the first one are the head. */
export interface Table {
  readonly title: string
  readonly rows: ReadonlyArray<Readonly<Record<string, string | number>>>
}

export interface CaseResult {
  /** Everything that was measured, for programs. */
  readonly figures: Readonly<Record<string, Schema.Json>>
  readonly tables: ReadonlyArray<Table>
  readonly checks: ReadonlyArray<Check>
}

export interface BenchmarkCase {
  readonly name: string
  /** What is measured and how, in a sentence or two: it is printed with the result. */
  readonly about: string
  /** Whatever it starts ends with the scope. An error it fails with is a case that could not be measured. */
  readonly run: Effect.Effect<CaseResult, unknown, Scope.Scope>
}
