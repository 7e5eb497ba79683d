import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { makeSharedReads } from "./SharedReads.ts"

/** Asks `times` times for the page of a key, of which each reading gives the next number. */
const asking = Effect.gen(function* () {
  const { read } = yield* makeSharedReads<number, string>()
  const go = yield* Deferred.make<void>()
  let readings = 0
  let atOnce = 0
  let most = 0
  const page = Effect.suspend(() => {
    const number = ++readings
    atOnce += 1
    most = Math.max(most, atOnce)
    return Effect.map(Deferred.await(go), () => {
      atOnce -= 1
      return number
    })
  })
  const ask = (key: string, times: number) =>
    Effect.forEach(Array.from({ length: times }), () =>
      Effect.forkChild(read(key, page), { startImmediately: true })
    )
  return { ask, go: Deferred.succeed(go, undefined), most: () => most, read, readings: () => readings }
})

describe("pages of the log for many who follow", () => {
  it.effect("are read a few at once, and one that waits is shared by all who ask for it", () =>
    Effect.gen(function* () {
      const { ask, go, most, readings } = yield* asking
      const asked = yield* ask("a", 500)
      yield* Effect.yieldNow
      yield* go
      const pages = yield* Effect.forEach(asked, Fiber.join)
      expect(most()).toBeLessThanOrEqual(4)
      expect(readings()).toBeLessThanOrEqual(5)
      expect(pages).toHaveLength(500)
    }).pipe(Effect.scoped)
  )

  it.effect("are never older than the asking: one that is being read is not joined", () =>
    Effect.gen(function* () {
      const { ask, go, readings } = yield* asking
      const first = yield* ask("a", 1)
      while (readings() === 0) yield* Effect.yieldNow
      const second = yield* ask("a", 1)
      yield* go
      expect([yield* Fiber.join(first[0]!), yield* Fiber.join(second[0]!)]).toEqual([1, 2])
    }).pipe(Effect.scoped)
  )

  it.effect("fail for all who asked, and can be asked for again", () =>
    Effect.gen(function* () {
      const { read } = yield* makeSharedReads<number, string>()
      expect(yield* Effect.flip(read("a", Effect.fail("away")))).toBe("away")
      expect(yield* read("a", Effect.succeed(1))).toBe(1)
    }).pipe(Effect.scoped)
  )
})
