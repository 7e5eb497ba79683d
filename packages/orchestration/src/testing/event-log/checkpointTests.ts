/** Text that no event holds yet outlives its process, until events hold it and its session ends. */
import { MessageId, PartId, SessionId, ToolCallId } from "@spillway/contracts"
import { expect } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import type { CheckpointRow } from "../../EventLog.ts"
import { appendOf, eventsAfter, NEW_THREAD } from "../logRows.ts"
import type { LogTest } from "./LogTest.ts"

const pieceOf = (session: string, ordinal: number, but: Partial<CheckpointRow> = {}): CheckpointRow => ({
  sessionId: SessionId.make(session),
  generation: 1,
  through: 10 + ordinal,
  ordinal,
  messageId: MessageId.make("message"),
  partId: PartId.make("message/0"),
  kind: "text",
  itemId: "item",
  toolCallId: null,
  offset: 100 * ordinal,
  resumesAt: 100 * ordinal + 7,
  text: `piece ${ordinal} of ${session}`,
  ...but
})

const one = SessionId.make("one")

export const checkpointTests = (test: LogTest): void => {
  test("T9 un-flushed text is there after a restart, in the order of its pieces", (start) =>
    Effect.gen(function* () {
      const output = { kind: "tool-output", itemId: null, toolCallId: ToolCallId.make("call") } as const
      const pieces = [pieceOf("one", 0), pieceOf("one", 1, output), pieceOf("one", 2, { kind: "reasoning" })]
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { log } = yield* start
          expect(yield* log.checkpoint(one)).toEqual([])
          yield* log.append(appendOf({ checkpoints: [pieces[1]!, pieceOf("two", 0)] }))
          const events = eventsAfter(NEW_THREAD, { threadId: "a" }, ["beside them"])
          const outcome = yield* log.append(appendOf({ events, checkpoints: [pieces[2]!, pieces[0]!] }))
          expect(outcome).toEqual({ _tag: "Committed", position: 1 })
        })
      )
      const { log } = yield* start
      expect(yield* log.checkpoint(one)).toEqual(pieces)
      expect(yield* log.head).toBe(1)
    }))

  test("a piece takes the place of the earlier one of its number, and being sent again changes nothing", (start) =>
    Effect.gen(function* () {
      const { log } = yield* start
      yield* log.append(appendOf({ checkpoints: [pieceOf("one", 0), pieceOf("one", 1)] }))
      const next = pieceOf("one", 0, {
        generation: 2,
        through: 3,
        messageId: MessageId.make("next"),
        partId: PartId.make("next/1"),
        kind: "tool-output",
        itemId: null,
        toolCallId: ToolCallId.make("call"),
        offset: 7,
        resumesAt: 3,
        text: "next"
      })
      for (let i = 0; i < 2; i++) {
        yield* log.append(appendOf({ checkpoints: [next] }))
        expect(yield* log.checkpoint(one)).toEqual([next, pieceOf("one", 1)])
      }
    }))

  test("nothing is left of a session that ends, not even what the same append writes; others keep theirs", (start) =>
    Effect.gen(function* () {
      const { log } = yield* start
      yield* log.append(appendOf({ checkpoints: [pieceOf("one", 0), pieceOf("two", 0), pieceOf("one", 1)] }))
      yield* log.append(appendOf({ ended: [one], checkpoints: [pieceOf("one", 2), pieceOf("two", 1)] }))
      expect(yield* log.checkpoint(one)).toEqual([])
      expect(yield* log.checkpoint(SessionId.make("two"))).toEqual([pieceOf("two", 0), pieceOf("two", 1)])
    }))

  test("an append that is refused or invalid writes no piece and ends no session", (start) =>
    Effect.gen(function* () {
      const { lease, log } = yield* start
      const epoch = (yield* lease.epoch)!
      const events = eventsAfter(NEW_THREAD, { threadId: "a" }, ["taken"])
      yield* log.append(appendOf({ events, checkpoints: [pieceOf("one", 0)] }))
      const late = { checkpoints: [pieceOf("one", 0, { text: "other" }), pieceOf("two", 0)], ended: [one] }
      expect(yield* log.append(appendOf({ ...late, epoch: epoch - 1 }))).toMatchObject({ fenced: true })
      expect(yield* log.append(appendOf({ ...late, events }))).toMatchObject({ _tag: "Refused" })
      const broken = events.map((event) => ({ ...event, version: 2, data: "{" }))
      yield* Effect.flip(log.append(appendOf({ ...late, events: broken })))
      expect(yield* log.checkpoint(one)).toEqual([pieceOf("one", 0)])
      expect(yield* log.checkpoint(SessionId.make("two"))).toEqual([])
    }))

  test("the cursor stands where the session's appends or its checkpoint have come", (start) =>
    Effect.gen(function* () {
      const { log } = yield* start
      const at = (generation: number, through: number) => ({ sessionId: one, generation, through })
      const cases = [
        [{ cursors: [at(1, 5)] }, at(1, 5)],
        [{ checkpoints: [pieceOf("one", 0, at(1, 9))] }, at(1, 9)],
        [{ checkpoints: [pieceOf("one", 1, at(1, 12))] }, at(1, 12)],
        [{ cursors: [at(1, 20)] }, at(1, 20)],
        [{ cursors: [at(2, 0)] }, at(2, 0)],
        [{ checkpoints: [pieceOf("one", 0, at(2, 1))] }, at(2, 1)]
      ] as const
      for (const [parts, expected] of cases) {
        yield* log.append(appendOf(parts))
        expect(yield* log.cursor(one)).toEqual(expected)
      }
    }))

  test("any text of a piece comes back exactly", (start) =>
    Effect.gen(function* () {
      const { log } = yield* start
      const awkward = [
        "NULL",
        "{}",
        `{"quoted","list"}`,
        `back\\slash "quoted"`,
        "日本語 🏳️‍🌈",
        " \n\t",
        "x".repeat(200_000)
      ]
      const random = fc.sample(fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 }), {
        numRuns: 100,
        seed: 1
      })
      const texts = [...awkward, ...random].map((text) => text.replaceAll("\0", "\ufffd"))
      yield* log.append(appendOf({ checkpoints: texts.map((text, i) => pieceOf("one", i, { text })) }))
      expect((yield* log.checkpoint(one)).map(({ text }) => text)).toEqual(texts)
    }))
}
