import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { closedLoop } from "./closedLoop.ts"

describe("closedLoop", () => {
  it.effect(
    "lets each worker begin its next operation once its last one is done, until the time is over",
    () =>
      Effect.gen(function* () {
        const window = yield* Effect.forkChild(closedLoop([Effect.sleep(10), Effect.sleep(30)], 60), {
          startImmediately: true
        })
        yield* TestClock.adjust(60)
        const { latencies, operations, seconds } = yield* Fiber.join(window)
        expect(operations).toBe(6 + 2)
        expect([...latencies].sort((a, b) => a - b)).toEqual([10, 10, 10, 10, 10, 10, 30, 30])
        expect(seconds).toBe(0.06)
      })
  )

  it.effect("fails with the first operation that fails", () =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(closedLoop([Effect.never, Effect.fail("broken")], 60))).toBe("broken")
    })
  )
})
