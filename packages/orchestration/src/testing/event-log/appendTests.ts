/** An append is all or nothing, and says what stands in its way. */
import { DEFAULT_TENANT, SessionId, ThreadId } from "@spillway/contracts"
import { expect } from "@effect/vitest"
import { Effect } from "effect"
import type { Append } from "../../EventLog.ts"
import { appendOf, eventsAfter, headAfter, NEW_THREAD, receiptOf } from "../logRows.ts"
import type { LogProcess, LogTest } from "./LogTest.ts"

const session = SessionId.make("session-1")

const committed = (position: number) => ({ _tag: "Committed", position })

const refused = (obstacles: object) => ({
  _tag: "Refused",
  receipts: [],
  taken: [],
  cursors: [],
  fenced: false,
  ...obstacles
})

const takenBy = (append: Append, firstPosition: number) =>
  append.events.map(({ hash, tenant, threadId, version }, i) => ({
    tenant,
    threadId,
    version,
    position: firstPosition + i,
    hash
  }))

/** An append that has something of everything, for a thread of its own. */
const everything = (name: string, parts: Partial<Append> = {}): Append =>
  appendOf({
    events: eventsAfter(NEW_THREAD, { threadId: name }, ["one", "two"]),
    receipts: [receiptOf(`${name}-command`, name)],
    cursors: [{ sessionId: SessionId.make(`${name}-session`), generation: 1, through: 1 }],
    ...parts
  })

/** Nothing of this append is there, and all of it, put right, can go in. */
const expectNothingOf = Effect.fnUntraced(function* ({ log }: LogProcess, append: Append, name: string) {
  const thread = { tenant: DEFAULT_TENANT, threadId: ThreadId.make(name) }
  expect(yield* log.readThread({ ...thread, afterVersion: 0, limit: 10 })).toEqual([])
  for (const { sessionId } of append.cursors) {
    if (sessionId.startsWith(name)) expect(yield* log.cursor(sessionId)).toBeUndefined()
  }
  const head = yield* log.head
  expect(yield* log.append(everything(name))).toEqual(committed(head + 1))
})

export const appendTests = (test: LogTest): void => {
  test("an empty log has nothing and says so", (start) =>
    Effect.gen(function* () {
      const { log } = yield* start
      const thread = { tenant: DEFAULT_TENANT, threadId: ThreadId.make("none") }
      expect(yield* log.head).toBe(0)
      expect(yield* log.readLog({ afterPosition: 0, limit: 10 })).toEqual([])
      expect(yield* log.readThread({ ...thread, afterVersion: 0, limit: 10 })).toEqual([])
      expect(yield* log.cursor(session)).toBeUndefined()
      expect(yield* log.snapshot(thread.tenant, thread.threadId)).toBeUndefined()
    }))

  test("an append answers the position of its first event, and the head when it has none", (start) =>
    Effect.gen(function* () {
      const { log } = yield* start
      expect(yield* log.append(everything("a"))).toEqual(committed(1))
      expect(yield* log.append(everything("b"))).toEqual(committed(3))
      const rejection = { _tag: "ThreadNotFound", message: "There is no such thread." } as const
      const rejected = receiptOf("late", "a", { status: "rejected", version: null, rejection })
      expect(yield* log.append(appendOf({ receipts: [rejected] }))).toEqual(committed(4))
      expect(yield* log.append(appendOf({}))).toEqual(committed(4))
      expect(yield* log.head).toBe(4)
    }))

  test("a receipt that exists refuses the append, is given back as it was, and nothing else of it went in", (start) =>
    Effect.gen(function* () {
      const process = yield* start
      const rejection = { _tag: "TurnNotFound", message: `no "turn" \\ {here}, ünïcode` } as const
      const accepted = receiptOf("done", "a", { status: "accepted", version: 7, rejection: null })
      const rejected = receiptOf("not-done", "a", { status: "rejected", version: null, rejection })
      yield* process.log.append(appendOf({ receipts: [accepted, rejected] }))

      const again = receiptOf("done", "b")
      const late = everything("b", { receipts: [receiptOf("b-command", "b"), again, rejected] })
      const outcome = yield* process.log.append(late)
      expect(outcome).toEqual(refused({ receipts: expect.arrayContaining([accepted, rejected]) }))
      yield* expectNothingOf(process, late, "b")
    }))

  test("a version that is taken refuses the append, says by which event, and nothing else of it went in", (start) =>
    Effect.gen(function* () {
      const process = yield* start
      const first = everything("a")
      yield* process.log.append(first)
      const other = eventsAfter(NEW_THREAD, { threadId: "a" }, ["other", "other", "beyond"])
      const late = everything("b", { events: [...everything("b").events, ...other] })
      expect(yield* process.log.append(late)).toEqual(refused({ taken: takenBy(first, 1) }))
      yield* expectNothingOf(process, late, "b")
    }))

  test("the same append again is refused by its own rows, known by their hashes", (start) =>
    Effect.gen(function* () {
      const { log } = yield* start
      yield* log.append(everything("before"))
      const append = everything("a")
      expect(yield* log.append(append)).toEqual(committed(3))
      expect(yield* log.append(append)).toEqual(
        refused({ receipts: append.receipts, taken: takenBy(append, 3) })
      )
      expect(yield* log.head).toBe(4)
    }))

  test("a cursor never goes back, by its generation, then by what is through; it may stand still", (start) =>
    Effect.gen(function* () {
      const process = yield* start
      const move = (generation: number, through: number) =>
        process.log.append(appendOf({ cursors: [{ sessionId: session, generation, through }] }))
      for (const [generation, through] of [
        [1, 5],
        [1, 6],
        [1, 6],
        [2, 0],
        [2, 0]
      ] as const) {
        expect(yield* move(generation, through)).toEqual(committed(0))
        expect(yield* process.log.cursor(session)).toEqual({ sessionId: session, generation, through })
      }
      expect((yield* move(2, 3))._tag).toBe("Committed")
      const stored = { sessionId: session, generation: 2, through: 3 }
      expect(yield* move(2, 2)).toEqual(refused({ cursors: [stored] }))
      expect(yield* move(1, 9)).toEqual(refused({ cursors: [stored] }))

      const late = everything("b", { cursors: [...everything("b").cursors, { ...stored, through: 2 }] })
      expect(yield* process.log.append(late)).toEqual(refused({ cursors: [stored] }))
      yield* expectNothingOf(process, late, "b")
      expect(yield* process.log.cursor(session)).toEqual(stored)
    }))

  test("an epoch older than the lease's refuses the append, whatever else is right about it", (start) =>
    Effect.gen(function* () {
      const process = yield* start
      const epoch = yield* process.lease.epoch
      expect(epoch).not.toBeNull()
      const late = everything("a", { epoch: epoch! - 1 })
      expect(yield* process.log.append(late)).toEqual(refused({ fenced: true }))
      yield* expectNothingOf(process, late, "a")
      expect(yield* process.log.append(everything("b", { epoch }))).toEqual(committed(3))
    }))

  test("every obstacle is named at once", (start) =>
    Effect.gen(function* () {
      const { lease, log } = yield* start
      const epoch = (yield* lease.epoch)! - 1
      const append = everything("a")
      yield* log.append(append)
      const cursors = append.cursors.map((cursor) => ({ ...cursor, through: 0 }))
      expect(yield* log.append({ ...append, epoch, cursors })).toEqual(
        refused({
          receipts: append.receipts,
          taken: takenBy(append, 1),
          cursors: append.cursors,
          fenced: true
        })
      )
    }))

  test("what can never be stored is invalid, leaves nothing, and the next append is none the worse", (start) =>
    Effect.gen(function* () {
      const process = yield* start
      const { events, receipts } = everything("a")
      const broken: ReadonlyArray<Partial<Append>> = [
        { events: [events[0]!, { ...events[1]!, data: `{"title":` }] },
        { events: [events[1]!] },
        { events: eventsAfter(headAfter(events), { threadId: "a" }, ["far ahead"]) },
        { events: [...events, events[0]!] },
        { receipts: [...receipts, ...receipts] }
      ]
      for (const parts of broken) {
        const append = everything("a", parts)
        expect((yield* Effect.flip(process.log.append(append)))._tag).toBe("AppendInvalid")
        expect(yield* process.log.head).toBe(0)
      }
      yield* expectNothingOf(process, everything("a"), "a")
    }))

  test("what was appended is there after a restart, and the log has the same id", (start) =>
    Effect.gen(function* () {
      const append = everything("a")
      const before = yield* Effect.scoped(
        Effect.gen(function* () {
          const { log } = yield* start
          yield* log.append(append)
          return { logId: log.logId, events: yield* log.readLog({ afterPosition: 0, limit: 10 }) }
        })
      )
      const { log } = yield* start
      expect(log.logId).toBe(before.logId)
      expect(yield* log.readLog({ afterPosition: 0, limit: 10 })).toEqual(before.events)
      expect(yield* log.cursor(append.cursors[0]!.sessionId)).toEqual(append.cursors[0])
      expect(yield* log.append(append)).toMatchObject({ _tag: "Refused", receipts: append.receipts })
    }))
}
