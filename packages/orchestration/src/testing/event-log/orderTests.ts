/** Position order is commit order and version order is decision order, without gaps, whoever appends and reads at once. */
import { DEFAULT_TENANT, type LoggedEvent, ThreadId } from "@spillway/contracts"
import { expect } from "@effect/vitest"
import { Effect, Fiber, Result } from "effect"
import * as fc from "fast-check"
import type { ThreadHead } from "../../EventLog.ts"
import { EMPTY_LOG, verifyRange } from "../../hash.ts"
import { appendOf, eventsAfter, headAfter, NEW_THREAD, receiptOf, storedRows } from "../logRows.ts"
import type { LogProcess, LogTest } from "./LogTest.ts"

type Log = LogProcess["log"]

const wholeLog = (log: Log) => log.readLog({ afterPosition: 0, limit: 100_000 })

/** Positions and versions are dense and both chains hold. */
const expectSound = (events: ReadonlyArray<LoggedEvent>): void => {
  expect(verifyRange(EMPTY_LOG, storedRows(events))).toSatisfy(Result.isSuccess)
}

/** What one writer does next: append `count` events, and how that ends. */
const Step = fc.record({
  thread: fc.integer({ min: 0, max: 2 }),
  count: fc.integer({ min: 1, max: 4 }),
  ending: fc.constantFrom("committed", "taken", "gap", "not-json", "known-command")
})
type Step = typeof Step extends fc.Arbitrary<infer A> ? A : never

/** Appends as the step says; answers the thread's head after it. */
const take = Effect.fnUntraced(function* (
  log: Log,
  threadId: string,
  head: ThreadHead,
  step: Step,
  known: string
) {
  const titles = Array.from({ length: step.count }, (_, i) => `${threadId} ${head.version + i + 1}`)
  const events = eventsAfter(head, { threadId }, titles)
  const last = events.at(-1)!
  switch (step.ending) {
    case "committed": {
      const { _tag } = yield* log.append(appendOf({ events }))
      expect(_tag).toBe("Committed")
      return headAfter(events)
    }
    case "taken": {
      if (head.version === 0) return head
      // As decided by one who has not seen the last event; what comes before it in the batch must not stay.
      const passengers = eventsAfter(NEW_THREAD, { threadId: `${threadId}-passenger` }, titles)
      const stale = eventsAfter({ ...head, version: head.version - 1 }, { threadId }, titles)
      const outcome = yield* log.append(appendOf({ events: [...passengers, ...stale] }))
      expect(outcome._tag).toBe("Refused")
      return head
    }
    case "known-command": {
      const outcome = yield* log.append(appendOf({ events, receipts: [receiptOf(known, threadId)] }))
      expect(outcome._tag).toBe("Refused")
      return head
    }
    case "gap":
    case "not-json": {
      const broken = step.ending === "gap" ? { ...last, version: last.version + 2 } : { ...last, data: "{" }
      const error = yield* Effect.flip(log.append(appendOf({ events: [...events, broken] })))
      expect(error._tag).toBe("AppendInvalid")
      return head
    }
  }
})

export const orderTests = (test: LogTest): void => {
  test("whatever is appended and refused, positions and versions stay dense and the chains hold", (start) =>
    Effect.gen(function* () {
      const { log } = yield* start
      yield* log.append(appendOf({ receipts: [receiptOf("known", "any")] }))
      const heads = new Map<string, ThreadHead>()
      for (const step of fc.sample(Step, { numRuns: 200, seed: 2 })) {
        const threadId = `thread-${step.thread}`
        const before = yield* log.head
        const head = heads.get(threadId) ?? NEW_THREAD
        const after = yield* take(log, threadId, head, step, "known")
        heads.set(threadId, after)
        expect(yield* log.head).toBe(before + after.version - head.version)
      }
      const events = yield* wholeLog(log)
      expect(events.length).toBeGreaterThan(50)
      expectSound(events)
    }))

  test("E3 two processes on one hot thread: no version twice, no gap, no accepted command lost", (start) =>
    Effect.gen(function* () {
      const processes = [yield* start, yield* start]
      const WRITERS = 4
      const COMMANDS = 10
      const threadId = ThreadId.make("hot")
      let refusals = 0

      /** As an engine does: decides on what it has read, and reads on when another one was faster. */
      const writer = Effect.fnUntraced(function* (log: Log, name: string) {
        let head = NEW_THREAD
        for (let n = 0; n < COMMANDS;) {
          const commandId = `${name}-${n}`
          const events = eventsAfter(head, { threadId }, [commandId], { commandId: commandId as never })
          const receipt = receiptOf(commandId, threadId, {
            status: "accepted",
            version: head.version + 1,
            rejection: null
          })
          const outcome = yield* log.append(appendOf({ events, receipts: [receipt] }))
          if (outcome._tag === "Committed") {
            head = headAfter(events)
            n++
            continue
          }
          refusals++
          expect(outcome).toMatchObject({ receipts: [], cursors: [], fenced: false })
          const newer = yield* log.readThread({
            tenant: DEFAULT_TENANT,
            threadId,
            afterVersion: head.version,
            limit: 1_000
          })
          head = newer.at(-1) ?? head
          yield* Effect.yieldNow
        }
      })

      yield* Effect.all(
        processes.flatMap(({ log }, p) =>
          Array.from({ length: WRITERS }, (_, w) => writer(log, `p${p}w${w}`))
        ),
        { concurrency: "unbounded" }
      )
      const events = yield* wholeLog(processes[0]!.log)
      const expected = processes.flatMap((_, p) =>
        Array.from({ length: WRITERS }, (_, w) =>
          Array.from({ length: COMMANDS }, (_, n) => `p${p}w${w}-${n}`)
        ).flat()
      )
      expect(events).toHaveLength(expected.length)
      expect(new Set(events.map((event) => event.commandId))).toEqual(new Set(expected))
      expect(events.map((event) => event.version)).toEqual(events.map((_, i) => i + 1))
      expectSound(events)
      expect(refusals).toBeGreaterThan(0)
    }))

  test("E4 readers at full speed beside writers that roll back at random see every position in order", (start) =>
    Effect.gen(function* () {
      const { log } = yield* start
      yield* log.append(appendOf({ receipts: [receiptOf("known", "any")] }))
      let writing = true

      const writer = Effect.fnUntraced(function* (log: Log, index: number) {
        let head = NEW_THREAD
        for (const step of fc.sample(Step, { numRuns: 60, seed: 10 + index })) {
          head = yield* take(log, `thread-${index}`, head, step, "known")
          yield* Effect.yieldNow
        }
      })

      const reader = Effect.fnUntraced(function* (log: Log, limit: number) {
        const seen: Array<LoggedEvent> = []
        while (true) {
          const last = !writing
          const events = yield* log.readLog({ afterPosition: seen.length, limit })
          seen.push(...events)
          if (last && events.length === 0) return seen
          yield* Effect.yieldNow
        }
      })

      const readers = yield* Effect.forEach([1, 7, 100], (limit) =>
        Effect.flatMap(start, (process) => Effect.forkScoped(reader(process.log, limit)))
      )
      yield* Effect.forEach(
        [0, 1, 2, 3],
        (index) => Effect.flatMap(start, (process) => writer(process.log, index)),
        { concurrency: "unbounded" }
      )
      writing = false
      const events = yield* wholeLog(log)
      expect(events.length).toBeGreaterThan(50)
      expectSound(events)
      for (const seen of yield* Effect.forEach(readers, Fiber.join)) expect(seen).toEqual(events)
    }))
}
