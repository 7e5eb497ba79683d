import { describe, expect, it } from "@effect/vitest"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { Effect } from "effect"
import type { Break } from "../server/ServerUnderTest.ts"
import { inputOf } from "./inputs.ts"
import { runFuzz } from "./runFuzz.ts"

const SEED = 20_261_120

const fuzz = Effect.fnUntraced(function* (
  count: number,
  breaks: ReadonlyArray<Break> = [],
  patience = 15_000
) {
  const { url } = yield* TestDatabase.make()
  return yield* runFuzz({ seed: SEED, count, database: url, breaks, patience, progress: () => {} })
}, Effect.scoped)

describe("the fuzzer", () => {
  it.live(
    "E7 finds nothing: each input has its answer, the chains hold, text stays as it is, and the server serves on",
    () =>
      Effect.gen(function* () {
        const result = yield* fuzz(300)
        expect(result).toMatchObject({ ok: true, findings: [] })
        expect(result.events).toBeGreaterThan(50)
        expect(result.errors["malformed-frame"]).toBeGreaterThan(50)
        expect(result.receipts["accepted"]).toBeGreaterThan(5)
        expect(result.statuses["200"]).toBeGreaterThan(10)
      }),
    60_000
  )

  it.live(
    "tells of a handler that throws, of one that answers nothing, and of memory that is not given back",
    () =>
      Effect.gen(function* () {
        const { findings, found, ok } = yield* fuzz(350, ["throws", "silent", "leaks"], 1_500)
        expect(ok).toBe(false)
        expect(Object.keys(found)).toEqual(expect.arrayContaining(["failure", "log", "silence", "memory"]))
        const { input } = findings.find(({ kind }) => kind === "silence")!
        expect(JSON.stringify(inputOf(SEED, input!))).toContain("thread.unarchive")
      }),
    60_000
  )

  it("makes the same input again of a seed and a number, and another one of another", () => {
    const input = (seed: number, number: number) => JSON.stringify(inputOf(seed, number))
    for (let number = 0; number < 100; number++) expect(input(1, number)).toBe(input(1, number))
    expect(input(1, 7)).not.toBe(input(2, 7))
    expect(new Set(Array.from({ length: 100 }, (_, number) => input(1, number))).size).toBeGreaterThan(90)
  })
})
