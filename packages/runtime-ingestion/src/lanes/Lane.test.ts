import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Scope } from "effect"
import { IngestionBudget } from "./IngestionBudget.ts"
import type { Lane } from "./Lane.ts"

const withBudget =
  (options?: { readonly perLane?: number; readonly total?: number }) =>
  <A, E>(effect: Effect.Effect<A, E, IngestionBudget | Scope.Scope>): Effect.Effect<A, E> =>
    Effect.scoped(effect).pipe(Effect.provide(IngestionBudget.layer(options)))

const lanes = Effect.fnUntraced(function* <A>(count: number) {
  const budget = yield* IngestionBudget
  return yield* Effect.replicateEffect(budget.lane<A>(), count)
})

/** Starts an effect and runs it up to where it waits. */
const start = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.forkChild(effect, { startImmediately: true })

const waits = (fiber: Fiber.Fiber<unknown, unknown>) => fiber.pollUnsafe() === undefined

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)

const offerAll = <A>(lane: Lane<A>, items: Iterable<A>) => Effect.forEach(items, (item) => lane.offer(item))

describe("a lane", () => {
  it.effect("T11 makes its producer wait while it is full, loses nothing and keeps the order", () =>
    Effect.gen(function* () {
      const [lane] = yield* lanes<number>(1)
      const producer = yield* start(offerAll(lane!, numbers(1_000)))
      expect(lane!.depth()).toBe(128)
      const seen: Array<number> = []
      while (seen.length < 1_000) {
        const items = yield* lane!.take(50)
        expect(lane!.depth()).toBeLessThanOrEqual(128)
        seen.push(...items)
        lane!.done(items.length)
      }
      expect(seen).toEqual(numbers(1_000))
      expect((yield* Fiber.join(producer)).every((admitted) => admitted)).toBe(true)
      expect(lane!.depth()).toBe(0)
      expect((yield* IngestionBudget).inUse()).toBe(0)
    }).pipe(withBudget())
  )

  it.effect("T11 counts what was taken until the worker is done with it", () =>
    Effect.gen(function* () {
      const [lane] = yield* lanes<number>(1)
      yield* offerAll(lane!, [0, 1, 2])
      expect(lane!.takeNow(10)).toEqual([0, 1, 2])
      const producer = yield* start(lane!.offer(3))
      expect([lane!.depth(), waits(producer), lane!.takeNow(10)]).toEqual([3, true, []])
      lane!.done(1)
      expect(yield* Fiber.join(producer)).toBe(true)
      expect(lane!.takeNow(10)).toEqual([3])
      // Nobody is done with more than there was.
      lane!.done(100)
      expect([lane!.depth(), (yield* IngestionBudget).inUse()]).toEqual([0, 0])
    }).pipe(withBudget({ perLane: 3 }))
  )

  it.effect(
    "T11 ends cleanly: offers that wait are refused, what was admitted can be taken, and its room is free",
    () =>
      Effect.gen(function* () {
        const budget = yield* IngestionBudget
        const [lane] = yield* lanes<number>(1)
        const producers = yield* Effect.forEach(numbers(5), (i) => start(lane!.offer(i)))
        expect(producers.map(waits)).toEqual([false, false, true, true, true])
        yield* lane!.close
        yield* lane!.close
        expect(yield* Effect.forEach(producers, Fiber.join)).toEqual([true, true, false, false, false])
        expect([budget.inUse(), lane!.depth()]).toEqual([0, 0])
        expect([yield* lane!.offer(9), lane!.offerControl(9)]).toEqual([false, false])
        expect(yield* lane!.take(1)).toEqual([0])
        expect(yield* lane!.take(9)).toEqual([1])
        expect([yield* lane!.take(9), lane!.takeNow(9)]).toEqual([[], []])
        lane!.done(2)
        expect([budget.inUse(), lane!.depth()]).toEqual([0, 0])
      }).pipe(withBudget({ perLane: 2 }))
  )

  it.effect("T11 is closed with its scope, and lets go of a worker that waits for items", () =>
    Effect.gen(function* () {
      const budget = yield* IngestionBudget
      const scope = yield* Scope.make()
      const lane = yield* Scope.provide(budget.lane<number>(), scope)
      const worker = yield* start(lane.take(1))
      expect(waits(worker)).toBe(true)
      yield* Scope.close(scope, Exit.void)
      expect(yield* Fiber.join(worker)).toEqual([])
      expect(yield* lane.offer(1)).toBe(false)
    }).pipe(withBudget())
  )

  it.effect("T12 keeps controls in their place among the events, and always has room for them", () =>
    Effect.gen(function* () {
      const [lane] = yield* lanes<string>(1)
      expect(lane!.offerControl("open")).toBe(true)
      yield* offerAll(lane!, ["a", "b"])
      const waiting = yield* start(lane!.offer("c"))
      expect(lane!.offerControl("interrupt")).toBe(true)
      expect(lane!.depth()).toBe(2)
      expect(yield* lane!.take(10)).toEqual(["open", "a", "b", "interrupt"])
      lane!.done(2)
      expect(yield* Fiber.join(waiting)).toBe(true)
      expect(yield* lane!.take(10)).toEqual(["c"])
    }).pipe(withBudget({ perLane: 2 }))
  )

  it.effect("gives a waiting worker what comes first, and what comes with it", () =>
    Effect.gen(function* () {
      const [lane] = yield* lanes<number>(1)
      const worker = yield* start(lane!.take(2))
      yield* offerAll(lane!, [1, 2, 3])
      expect(yield* Fiber.join(worker)).toEqual([1, 2])
      const interrupted = yield* start(Effect.andThen(lane!.take(1), lane!.take(1)))
      yield* Fiber.interrupt(interrupted)
      yield* lane!.offer(4)
      expect(yield* lane!.take(2)).toEqual([4])
    }).pipe(withBudget())
  )

  it.effect("leaves nothing behind of an offer that was interrupted while it waited", () =>
    Effect.gen(function* () {
      const budget = yield* IngestionBudget
      const [first, second] = yield* lanes<number>(2)
      yield* offerAll(first!, [0, 1])
      const given = yield* start(second!.offer(10))
      const kept = yield* start(second!.offer(11))
      yield* Fiber.interrupt(given)
      first!.done(1)
      expect(yield* Fiber.join(kept)).toBe(true)
      expect(second!.takeNow(9)).toEqual([11])
      const alone = yield* start(second!.offer(12))
      yield* Fiber.interrupt(alone)
      // The lane no longer waits: room that gets free is not kept for it.
      first!.done(1)
      expect([budget.inUse(), first!.depth(), second!.depth()]).toEqual([1, 0, 1])
      expect(yield* first!.offer(2)).toBe(true)
    }).pipe(withBudget({ total: 2 }))
  )
})

describe("the budget of all lanes", () => {
  it.effect("T11 a noisy lane does not make a quiet one wait", () =>
    Effect.gen(function* () {
      const budget = yield* IngestionBudget
      const [noisy, quiet] = yield* lanes<number>(2)
      const flood = yield* start(offerAll(noisy!, numbers(10_000)))
      expect([waits(flood), noisy!.depth(), budget.inUse()]).toEqual([true, 128, 128])
      for (const i of numbers(128)) {
        const offer = yield* start(quiet!.offer(i))
        expect(waits(offer)).toBe(false)
      }
      expect([budget.inUse(), budget.total, budget.perLane]).toEqual([256, 1_024, 128])
    }).pipe(withBudget())
  )

  it.effect("T11 is never exceeded, and is used up by eight full lanes", () =>
    Effect.gen(function* () {
      const budget = yield* IngestionBudget
      const all = yield* lanes<number>(10)
      for (const lane of all) yield* start(offerAll(lane, numbers(500)))
      expect(budget.inUse()).toBe(1_024)
      expect(all.map((lane) => lane.depth())).toEqual([128, 128, 128, 128, 128, 128, 128, 128, 0, 0])
    }).pipe(withBudget())
  )

  it.effect("gives room that gets free to the lanes that want it in turn", () =>
    Effect.gen(function* () {
      const all = yield* lanes<string>(3)
      const [greedy, second, third] = all
      yield* offerAll(greedy!, ["", "", "", ""])
      for (const _ of numbers(3)) yield* start(second!.offer("second"))
      for (const _ of numbers(3)) yield* start(third!.offer("third"))
      yield* start(greedy!.offer("greedy"))
      greedy!.takeNow(4)
      const order: Array<string> = []
      let busy = greedy!
      for (const _ of numbers(7)) {
        busy.done(1)
        // The one lane that got the room is the next to free some.
        const [got, ...more] = all.flatMap((lane) => lane.takeNow(9).map((name) => ({ lane, name })))
        expect(more).toEqual([])
        order.push(got!.name)
        busy = got!.lane
      }
      expect(order).toEqual(["second", "third", "greedy", "second", "third", "second", "third"])
    }).pipe(withBudget({ total: 4 }))
  )

  it.effect("lets lanes that wait for each other's room go round without nesting", () =>
    Effect.gen(function* () {
      const all = yield* lanes<number>(2_000)
      const workers = yield* Effect.forEach(all, (lane) =>
        start(
          Effect.gen(function* () {
            const [item] = yield* lane.take(1)
            lane.done(1)
            return item
          })
        )
      )
      for (const [i, lane] of all.entries()) yield* start(lane.offer(i))
      expect(yield* Effect.forEach(workers, Fiber.join)).toEqual(numbers(2_000))
    }).pipe(withBudget({ total: 1 }))
  )
})
