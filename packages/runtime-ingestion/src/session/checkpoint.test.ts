/** Text that waits, on a clock that the test holds: when it is kept, what happens while it can't be, and what a crash leaves. */
import { EventLog } from "@spillway/orchestration"
import { MemoryStore } from "@spillway/orchestration/testing"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { delta } from "../testing/beginTurn.ts"
import {
  begin,
  keptOf,
  layerProcess,
  layerTestSessions,
  LogSwitch,
  shownText,
  startClaim
} from "../testing/TestSessions.ts"

const modes = ["buffered", "streaming", "paragraph"] as const

/** Lets what is under way come to its end. */
const settle = TestClock.adjust(0)

describe("un-flushed text", () => {
  for (const mode of modes) {
    it.effect(`T9 ${mode}: it is kept before it is a second old, and each text once`, () =>
      Effect.gen(function* () {
        const { claim, emit } = yield* begin(mode)
        yield* emit(delta("one "))
        yield* TestClock.adjust("800 millis")
        yield* emit(delta("two "))
        expect(yield* keptOf(claim)).toEqual([])
        yield* TestClock.adjust("100 millis")
        expect(yield* keptOf(claim)).toEqual([[0, "one two "]])
        yield* emit(delta("three "))
        yield* TestClock.adjust("1100 millis")
        if (mode === "streaming") {
          // A segment was due by then.
          expect(yield* shownText(claim)).toBe("one two three ")
        } else {
          expect(yield* keptOf(claim)).toEqual([
            [0, "one two "],
            [8, "three "]
          ])
        }
        yield* emit({ type: "turn.completed" })
        yield* settle
        expect(yield* keptOf(claim)).toEqual([])
        expect(yield* shownText(claim)).toBe("one two three ")
      }).pipe(Effect.provide(layerTestSessions))
    )
  }

  it.effect("T9 pieces that segments hold by now make room for the next ones", () =>
    Effect.gen(function* () {
      const { claim, emit } = yield* begin("streaming")
      for (const text of ["a", "b", "c"]) {
        yield* emit(delta(text))
        yield* TestClock.adjust("1 second")
        if (text === "a") expect(yield* keptOf(claim)).toEqual([[0, "a"]])
      }
      expect(yield* shownText(claim)).toBe("ab")
      // In the place of the first one. A segment of the second was due shortly after.
      expect(yield* keptOf(claim)).toEqual([[2, "c"]])
    }).pipe(Effect.provide(layerTestSessions))
  )

  it.effect("costs nothing while there is none: nothing is written for what is kept, or in the log", () =>
    Effect.gen(function* () {
      const log = yield* LogSwitch
      const { emit } = yield* begin("buffered")
      yield* TestClock.adjust("1 minute")
      const before = log.appends
      yield* emit(delta("once"))
      yield* TestClock.adjust("1 minute")
      expect(log.appends).toBe(before + 1)
      yield* emit({ type: "notice", level: "info", text: "a boundary" })
      yield* TestClock.adjust("1 minute")
      expect(log.appends).toBe(before + 2)
    }).pipe(Effect.provide(layerTestSessions))
  )

  it.effect("V11 what the redactor holds back is in no checkpoint, and does not count as taken in", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const { claim, offer } = yield* begin("buffered")
      const through = Effect.map(log.cursor(claim.sessionId), (cursor) => cursor?.through)
      yield* offer(1, delta("before. "))
      yield* offer(2, delta("The key is sk-proj-abc"))
      yield* TestClock.adjust("900 millis")
      expect(yield* keptOf(claim)).toEqual([[0, "before. The key is "]])
      expect(yield* through).toBe(1)
      yield* offer(3, delta("defghij0123456789klm"))
      yield* TestClock.adjust("900 millis")
      // It goes on swallowing, so it is not understood to its end.
      expect(yield* keptOf(claim)).toEqual([
        [0, "before. The key is "],
        [19, "[redacted]"]
      ])
      expect(yield* through).toBe(1)
      yield* offer(4, delta(" and that was it"))
      yield* TestClock.adjust("900 millis")
      expect(yield* through).toBe(4)
      expect(JSON.stringify(yield* log.checkpoint(claim.sessionId))).not.toContain("abc")
    }).pipe(Effect.provide(layerTestSessions))
  )

  it.effect("T18 redelivering any prefix of its events changes nothing, kept or not", () =>
    Effect.gen(function* () {
      const { claim, offer } = yield* begin("streaming")
      const texts = ["one ", "two ", "three ", "four "]
      for (const [i, text] of texts.entries()) {
        yield* offer(i + 1, delta(text))
        for (let again = 0; again <= i; again++) yield* offer(again + 1, delta(texts[again]!))
        yield* TestClock.adjust("400 millis")
      }
      const before = yield* keptOf(claim)
      for (let again = 0; again < texts.length; again++) yield* offer(again + 1, delta(texts[again]!))
      yield* TestClock.adjust("100 millis")
      expect(yield* keptOf(claim)).toEqual(before)
      yield* offer(5, { type: "turn.completed" })
      yield* settle
      expect(yield* shownText(claim)).toBe(texts.join(""))
    }).pipe(Effect.provide(layerTestSessions))
  )
})

describe("while the log is away", () => {
  it.effect("T9 a session takes nothing more after a second, loses nothing, and goes on by itself", () =>
    Effect.gen(function* () {
      const log = yield* LogSwitch
      const { claim, emit } = yield* begin("buffered")
      yield* emit(delta("0 "))
      yield* TestClock.adjust("500 millis")
      log.isAway = true
      let emitted = 1
      const source = yield* Effect.forkChild(
        Effect.gen(function* () {
          for (; emitted < 100; emitted++) {
            yield* emit(delta(`${emitted} `))
            yield* Effect.sleep("100 millis")
          }
        }),
        { startImmediately: true }
      )
      yield* TestClock.adjust("10 seconds")
      // What came within a second of the oldest that could not be kept.
      expect(emitted).toBe(6)
      expect(yield* keptOf(claim)).toEqual([])
      log.isAway = false
      // As soon as the commit is tried again, and without anybody's doing.
      yield* TestClock.adjust("2 seconds")
      expect(emitted).toBeGreaterThan(6)
      expect((yield* keptOf(claim)).map(([, text]) => text).join("")).toMatch(/^0 1 2 3 4 5 /)
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(source)
      yield* emit({ type: "turn.completed" })
      yield* settle
      expect(yield* shownText(claim)).toBe(Array.from({ length: 100 }, (_, i) => `${i} `).join(""))
    }).pipe(Effect.provide(layerTestSessions))
  )

  it.effect("T9 text that grew past its limit meanwhile is all there, and so is what came behind it", () =>
    Effect.gen(function* () {
      const log = yield* LogSwitch
      for (const mode of modes) {
        const { claim, emit } = yield* begin(mode)
        log.isAway = true
        const texts = Array.from({ length: 40 }, (_, i) => `${mode} ${i} `.padEnd(1_000, "."))
        const source = yield* Effect.forkChild(
          Effect.gen(function* () {
            yield* Effect.forEach(texts, (text) => emit(delta(text)))
            yield* emit({ type: "turn.completed" })
          }),
          { startImmediately: true }
        )
        yield* TestClock.adjust("5 seconds")
        expect(yield* shownText(claim)).toBe("")
        log.isAway = false
        yield* TestClock.adjust("5 seconds")
        yield* Fiber.join(source)
        yield* settle
        expect(yield* shownText(claim)).toBe(texts.join(""))
      }
    }).pipe(Effect.provide(layerTestSessions))
  )
})

describe("a session whose process is gone", () => {
  /** A process that a test starts, and that never notices that it lost the lease. */
  const start = (epoch: number) =>
    Effect.map(
      Layer.build(layerProcess(epoch)),
      (context) =>
        <A, E>(effect: Effect.Effect<A, E, Layer.Success<ReturnType<typeof layerProcess>>>) =>
          Effect.provideContext(effect, context)
    )

  it.effect("T21 goes on behind its cursor when it starts again under its claim, cut otherwise or not", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore
      const whole = "It says: hello, and the key is sk-proj-abcdefghij0123456789klm. That was it."
      for (const mode of modes) {
        for (const units of [1, 7, 19, 100]) {
          const first = yield* start(store.epoch)
          const claim = yield* first(
            Effect.gen(function* () {
              const { claim, offer } = yield* begin(mode)
              // In tens, up to the middle of the key.
              for (let at = 0; at < 50; at += 10) {
                yield* offer(at / 10 + 1, delta(whole.slice(at, at + 10)))
                yield* TestClock.adjust("450 millis")
              }
              yield* TestClock.adjust("900 millis")
              return claim
            })
          )
          store.epoch++
          const second = yield* start(store.epoch)
          yield* second(
            Effect.gen(function* () {
              const log = yield* EventLog
              const { through } = (yield* log.cursor(claim.sessionId))!
              // The key began in the fourth piece.
              expect(through).toBe(3)
              const { offer } = yield* startClaim(claim)
              let sequence = through
              for (let at = 10 * through; at < whole.length; at += units) {
                yield* offer(++sequence, delta(whole.slice(at, at + units)))
              }
              yield* offer(++sequence, { type: "turn.completed" })
              yield* settle
              expect(yield* shownText(claim)).toBe("It says: hello, and the key is [redacted]. That was it.")
            })
          )
        }
      }
    }).pipe(Effect.scoped, Effect.provide(MemoryStore.layer))
  )
})
