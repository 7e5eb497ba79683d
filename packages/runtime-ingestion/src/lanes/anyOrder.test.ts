import { Effect, Exit, Fiber } from "effect"
import fc from "fast-check"
import { expect, it } from "vitest"
import { IngestionBudget } from "./IngestionBudget.ts"
import type { Lane } from "./Lane.ts"

const LANES = 4

const lane = fc.nat(LANES - 1)
const few = fc.integer({ min: 1, max: 4 })
const move = fc.oneof(
  { weight: 30, arbitrary: fc.record({ type: fc.constant("offer" as const), lane }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant("control" as const), lane }) },
  { weight: 20, arbitrary: fc.record({ type: fc.constant("take" as const), lane, max: few }) },
  { weight: 20, arbitrary: fc.record({ type: fc.constant("done" as const), lane, max: few }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant("interrupt" as const), lane, which: fc.nat(20) }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant("wait" as const), lane }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("close" as const), lane }) }
)

type Move = typeof move extends fc.Arbitrary<infer A> ? A : never

/** A lane, and what was done with it. Items are numbered in the order in which they were offered. */
interface Known {
  readonly lane: Lane<number>
  readonly offers: Array<{ readonly item: number; readonly fiber: Fiber.Fiber<boolean> }>
  readonly controls: Array<number>
  readonly taken: Array<number>
  inHand: number
  closed: boolean
}

const play = Effect.fnUntraced(function* (moves: ReadonlyArray<Move>, perLane: number, total: number) {
  const budget = yield* IngestionBudget
  const all: Array<Known> = []
  for (let i = 0; i < LANES; i++) {
    const lane = yield* budget.lane<number>()
    all.push({ lane, offers: [], controls: [], taken: [], inHand: 0, closed: false })
  }
  let next = 0
  for (const move of moves) {
    const at = all[move.lane]!
    switch (move.type) {
      case "offer": {
        const item = next++
        at.offers.push({
          item,
          fiber: yield* Effect.forkChild(at.lane.offer(item), { startImmediately: true })
        })
        break
      }
      case "control": {
        const item = next++
        expect(at.lane.offerControl(item)).toBe(!at.closed)
        if (!at.closed) at.controls.push(item)
        break
      }
      case "take": {
        const items = at.lane.takeNow(move.max)
        expect(items.length).toBeLessThanOrEqual(move.max)
        at.taken.push(...items)
        at.inHand += items.filter((item) => !at.controls.includes(item)).length
        break
      }
      case "done": {
        const items = Math.min(move.max, at.inHand)
        at.inHand -= items
        at.lane.done(items)
        break
      }
      case "interrupt": {
        const offer = at.offers[move.which % (at.offers.length + 1)]
        if (offer !== undefined) yield* Fiber.interrupt(offer.fiber)
        break
      }
      case "wait":
        yield* Effect.yieldNow
        break
      case "close":
        at.closed = true
        yield* at.lane.close
    }
    checkBounds(all, budget.inUse(), perLane, total)
  }
  for (const { lane } of all) yield* lane.close
  expect(budget.inUse()).toBe(0)
  for (const known of all) yield* checkItems(known)
})

const checkBounds = (all: ReadonlyArray<Known>, inUse: number, perLane: number, total: number): void => {
  const depths = all.map(({ lane }) => lane.depth())
  expect(Math.max(...depths)).toBeLessThanOrEqual(perLane)
  expect(inUse).toBe(depths.reduce((sum, depth) => sum + depth, 0))
  expect(inUse).toBeLessThanOrEqual(total)
  // Nobody waits who could go in.
  for (const { closed, controls, inHand, lane, offers, taken } of all) {
    if (closed || offers.some(({ fiber }) => isInterrupted(fiber))) continue
    const admitted = taken.filter((item) => !controls.includes(item)).length + lane.depth() - inHand
    if (offers.length > admitted) expect(lane.depth() === perLane || inUse === total).toBe(true)
  }
}

const isInterrupted = (fiber: Fiber.Fiber<boolean>): boolean => {
  const exit = fiber.pollUnsafe()
  return exit !== undefined && Exit.isFailure(exit)
}

/** What is left is taken, and all of it is held against what the offers were told. */
const checkItems = Effect.fnUntraced(function* ({ controls, lane, offers, taken }: Known) {
  taken.push(...lane.takeNow(Infinity))
  const there = new Set(taken)
  expect(there.size).toBe(taken.length)
  for (const { fiber, item } of offers) {
    const exit = yield* Fiber.await(fiber)
    // An interrupted offer may have been admitted just before.
    if (Exit.isSuccess(exit)) expect(there.has(item)).toBe(exit.value)
  }
  const events = taken.filter((item) => !controls.includes(item))
  expect(events).toEqual(events.toSorted((a, b) => a - b))
  expect(taken.filter((item) => controls.includes(item))).toEqual(controls)
})

it("T11 lanes stay within their bounds, lose nothing and keep their order, whatever happens in whatever order", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(move, { maxLength: 80 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 8 }),
      (moves, perLane, total) =>
        play(moves, perLane, total).pipe(
          Effect.scoped,
          Effect.provide(IngestionBudget.layer({ perLane, total })),
          Effect.runPromise
        )
    ),
    { numRuns: 300 }
  ))
