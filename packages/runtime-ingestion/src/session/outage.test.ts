/** A session whose commits fail in each of the ways in which they do while the database goes away and comes back. */
import type { ProviderRuntimeEvent } from "@spillway/contracts"
import { type AppendFault, faultyLog, MemoryStore } from "@spillway/orchestration/testing"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { delta } from "../testing/beginTurn.ts"
import { begin, layerProcess, shownText } from "../testing/TestSessions.ts"

const modes = ["buffered", "streaming", "paragraph"] as const

/** Longer than any lane, checkpoint and engine waits, and longer than a runtime may be silent. */
const ELEVEN_MINUTES = 11 * 60_000

const schedule = fc.record({
  /** How long each delta is, and how long after the one before it comes. */
  deltas: fc.array(fc.tuple(fc.integer({ min: 1, max: 900 }), fc.constantFrom(0, 0, 30, 700)), {
    minLength: 1,
    maxLength: 30
  }),
  faults: fc.array(
    fc.tuple(
      fc.constantFrom<AppendFault | null>(null, "refused", "lost", "answer-lost", "late"),
      fc.integer({ min: 1, max: 12 })
    ),
    { maxLength: 12 }
  )
})

/** Text in which every place is another one. */
const textFrom = (offset: number, length: number): string =>
  Array.from({ length: Math.ceil(length / 8) + 1 }, (_, i) => {
    const word = Math.floor(offset / 8) + i
    return word % 20 === 19 ? `${String(word).padEnd(6, "~")}\n\n` : `${String(word).padEnd(7, "~")} `
  })
    .join("")
    .slice(offset % 8, (offset % 8) + length)

/** A session on a log that does with its appends what it is told to, until the turn has ended. */
const play = Effect.fnUntraced(function* (
  mode: (typeof modes)[number],
  events: ReadonlyArray<readonly [event: ProviderRuntimeEvent, after: number]>,
  next: () => AppendFault | null
) {
  const store = yield* MemoryStore
  let started = false
  const faulty = faultyLog({ append: () => (started ? next() : null), read: () => 0 })
  return yield* Effect.gen(function* () {
    const { claim, emit, finish } = yield* begin(mode)
    started = true
    const emitted = yield* Effect.forkChild(
      Effect.gen(function* () {
        for (const [event, after] of events) {
          yield* Effect.sleep(after)
          yield* emit(event)
        }
        yield* emit({ type: "turn.completed" })
        yield* finish
      })
    )
    const ended = () => store.events.some(({ type }) => type === "thread.turn-completed")
    for (let steps = 0; !ended() && steps < 2_000; steps++) yield* TestClock.adjust(500)
    expect(ended()).toBe(true)
    yield* Fiber.join(emitted)
    started = false
    // The answer to its last append may be on its way still.
    yield* TestClock.adjust(10_000)
    return { types: store.events.map(({ type }) => type), text: yield* shownText(claim) }
  }).pipe(Effect.provide(layerProcess(1, faulty)))
})

describe("commits that fail for a while", () => {
  for (const mode of modes) {
    it.effect(
      `T9 ${mode}: once they are retried all text is there, once, whatever became of each of them`,
      () =>
        Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(schedule, ({ deltas, faults }) =>
              Effect.gen(function* () {
                const appends = faults.flatMap(([fault, times]) => Array.from({ length: times }, () => fault))
                let length = 0
                const events = deltas.map(([size, after]) => {
                  const event = delta(textFrom(length, size))
                  length += size
                  return [event, after] as const
                })
                const { text, types } = yield* play(mode, events, () => appends.shift() ?? null)
                expect(text).toBe(textFrom(0, length))
                expect(types.filter((type) => /turn-(completed|failed|interrupted)$/.test(type))).toEqual([
                  "thread.turn-completed"
                ])
                expect(types).not.toContain("thread.activity-recorded")
              }).pipe(Effect.provide(Layer.mergeAll(MemoryStore.layer, TestClock.layer())), Effect.runPromise)
            ),
            { numRuns: 25 }
          )
        )
    )

    it.effect(
      `T9 ${mode}: a database that is away for eleven minutes costs a turn nothing but the time`,
      () =>
        Effect.gen(function* () {
          let back = 0
          let tries = 0
          const events = Array.from({ length: 40 }, (_, i) => [delta(textFrom(i * 100, 100)), 20] as const)
          const start = yield* Effect.clockWith((clock) => Effect.succeed(clock.currentTimeMillisUnsafe()))
          const clock = yield* Effect.clockWith(Effect.succeed)
          back = start + ELEVEN_MINUTES
          const { text, types } = yield* play(mode, events, () => {
            tries++
            return clock.currentTimeMillisUnsafe() < back ? "refused" : null
          })
          expect(text).toBe(textFrom(0, 4_000))
          expect(types.at(-1)).toBe("thread.turn-completed")
          // About once a second, not in a loop.
          expect(tries).toBeLessThan(1_500)
          expect(clock.currentTimeMillisUnsafe()).toBeGreaterThanOrEqual(back)
        }).pipe(Effect.provide(MemoryStore.layer))
    )
  }
})
