import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { alternate, type Measured, ratioOf } from "./alternate.ts"

const measured = (name: string, perSecond: ReadonlyArray<number>): Measured => ({
  name,
  perSecond,
  medianPerSecond: 0,
  p50: 0,
  p99: 0
})

describe("alternate", () => {
  it.effect("gives every contestant a warm-up and its windows, in an order that turns round", () =>
    Effect.gen(function* () {
      const order: Array<string> = []
      const contestant = (name: string, duration: number) => ({
        name,
        operations: [
          Effect.suspend(() => {
            order.push(name)
            return Effect.sleep(duration)
          })
        ]
      })
      const plan = { warmUp: 20, window: 20, rounds: 3 }
      const running = yield* Effect.forkChild(alternate([contestant("a", 10), contestant("b", 20)], plan), {
        startImmediately: true
      })
      yield* TestClock.adjust((1 + plan.rounds) * (20 + 20))
      const [a, b] = yield* Fiber.join(running)
      expect(order.join("")).toBe("aabaabbaaaab")
      expect(a).toEqual({ name: "a", perSecond: [100, 100, 100], medianPerSecond: 100, p50: 10, p99: 10 })
      expect(b).toEqual({ name: "b", perSecond: [50, 50, 50], medianPerSecond: 50, p50: 20, p99: 20 })
      expect(ratioOf(a!, b!)).toBe(2)
    })
  )

  it("compares within each round, so that a round in which all were slow does not count against anybody", () => {
    expect(ratioOf(measured("one", [600, 60, 500]), measured("other", [100, 10, 100]))).toBe(6)
  })
})
