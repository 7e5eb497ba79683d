import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { makeBounded } from "./bounded.ts"

describe("searches", () => {
  it.effect("are given up after three seconds, and what they do is interrupted", () =>
    Effect.gen(function* () {
      const bounded = yield* makeBounded
      let interrupted = false
      const search = Effect.onInterrupt(Effect.never, () => Effect.sync(() => (interrupted = true)))
      const fiber = yield* Effect.forkChild(Effect.flip(bounded(search)), { startImmediately: true })
      yield* TestClock.adjust("2999 millis")
      expect(interrupted).toBe(false)
      yield* TestClock.adjust("1 millis")
      expect(yield* Fiber.join(fiber)).toMatchObject({ _tag: "SearchTooSlow" })
      expect(interrupted).toBe(true)
      expect(yield* bounded(Effect.succeed("found"))).toBe("found")
    })
  )

  it.effect("are two at once; others wait in line, and are told so where that is long", () =>
    Effect.gen(function* () {
      const bounded = yield* makeBounded
      let running = 0
      let most = 0
      const search = Effect.gen(function* () {
        running += 1
        most = Math.max(most, running)
        yield* Effect.sleep("2400 millis")
      }).pipe(Effect.ensuring(Effect.sync(() => (running -= 1))))
      const fibers = yield* Effect.forEach(Array.from({ length: 10 }), () =>
        Effect.forkChild(Effect.exit(bounded(search)), { startImmediately: true })
      )
      yield* TestClock.adjust("1 minute")
      const exits = yield* Effect.forEach(fibers, Fiber.join)
      expect(most).toBe(2)
      expect(running).toBe(0)
      // Four times two are done within ten seconds.
      expect(exits.filter(Exit.isSuccess)).toHaveLength(8)
      const failed = exits.filter(Exit.isFailure)
      expect(failed).toHaveLength(2)
      for (const exit of failed) {
        expect(yield* Effect.flip(exit)).toMatchObject({ _tag: "Unavailable" })
      }
    })
  )
})
