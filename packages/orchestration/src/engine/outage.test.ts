/** The engine on a log that fails: in every order of failures its answers are what the log holds. */
import type { CommandId, Receipt } from "@spillway/contracts"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Option, Result, type Scope, Cause } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { CommandWait } from "../CommandWait.ts"
import { EventLog, Unavailable } from "../EventLog.ts"
import { EMPTY_LOG, verifyRange } from "../hash.ts"
import { MemoryStore } from "../memory/MemoryEventLog.ts"
import * as Memory from "../memory/Memory.ts"
import { Publisher } from "../Publisher.ts"
import { create, update } from "../testing/commands.ts"
import { type AppendFault, type Faults, faultyLog } from "../testing/faultyLog.ts"
import { origin, sendable } from "../testing/TestEngine.ts"
import { ThreadEngine } from "../ThreadEngine.ts"

const WAIT = 3_000

/** An engine, its store, and the faults of the log between them. */
const layerFaulty = (faults: Faults, wait = WAIT) =>
  ThreadEngine.layer.pipe(
    Layer.provideMerge(Publisher.layer),
    Layer.provideMerge(faultyLog(faults)),
    Layer.provideMerge(Memory.layerOnStore),
    Layer.provide(Layer.succeed(CommandWait, wait))
  )

/** Lets time pass until it is done. */
const inTime = <A, E>(fiber: Fiber.Fiber<A, E>) =>
  Effect.andThen(
    Effect.repeat(TestClock.adjust(100), { until: () => fiber.pollUnsafe() !== undefined }),
    Fiber.join(fiber)
  )

type Command = ReturnType<typeof create> | ReturnType<typeof update>

const dispatch = (command: Command) =>
  Effect.flatMap(ThreadEngine, (engine) => engine.dispatch(origin, command))

/** What a client gets that sends it once. */
const outcomeOf = (exit: Exit.Exit<Receipt, { readonly _tag: string }>) =>
  Exit.isSuccess(exit) ? exit.value.status : Option.getOrThrow(Cause.findErrorOption(exit.cause))._tag

const isAnswered = (outcomes: ReadonlyArray<string>) =>
  outcomes.every((outcome) => outcome === "accepted" || outcome === "rejected")

const appendFault = fc.constantFrom<AppendFault | null>(null, "refused", "lost", "answer-lost", "late")

const schedule = fc.record({
  /** Each is what happens to the next appends and reads. */
  faults: fc.array(
    fc.record({
      append: appendFault,
      appends: fc.integer({ min: 1, max: 8 }),
      read: fc.constantFrom<"failed" | number>("failed", 0, 0, 400, WAIT + 500)
    }),
    {
      maxLength: 8
    }
  ),
  /** Threads that each client changes, one command behind the other. There is no fourth one. */
  clients: fc.array(fc.array(fc.nat(3), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 }),
  sendsAgain: fc.boolean()
})

describe("a log that fails in every way and order", () => {
  it.effect(
    "E1 what is answered is what the log holds: no command twice, none that was said not to be, in the order of each client",
    () =>
      Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(schedule, ({ clients, faults, sendsAgain }) =>
            Effect.gen(function* () {
              const appends = faults.flatMap(({ append, appends }) =>
                Array.from({ length: appends }, () => append)
              )
              const reads = faults.flatMap(({ read }) => [read, 0])
              const store = yield* MemoryStore
              const outcomes = new Map<CommandId, string>()
              let started = false

              const client = (threads: ReadonlyArray<number>, who: number) =>
                Effect.forEach(
                  threads,
                  Effect.fnUntraced(function* (thread, i) {
                    const command = sendable(update({ title: `${who} ${i}` }), {
                      threadId: `thread-${thread}`
                    })
                    let outcome = outcomeOf(yield* Effect.exit(dispatch(command)))
                    // As a client does that wants to know.
                    while (sendsAgain && (outcome === "Unavailable" || outcome === "OutcomeUnknown")) {
                      outcome = outcomeOf(yield* Effect.exit(dispatch(command)))
                    }
                    outcomes.set(command.commandId, outcome)
                    return command.commandId
                  })
                )

              const sent = yield* Effect.gen(function* () {
                for (const thread of [0, 1, 2])
                  yield* dispatch(sendable(create(), { threadId: `thread-${thread}` }))
                started = true
                const fiber = yield* Effect.forkChild(
                  Effect.forEach(clients, client, { concurrency: "unbounded" })
                )
                const sent = yield* inTime(fiber)
                // The log is well again: what is late comes, and what is sent gets through, behind what was under way.
                appends.length = 0
                reads.length = 0
                const after = Effect.forEach([1, 2, 3], () =>
                  dispatch(sendable(update({ title: "after" }), { threadId: "thread-0" })).pipe(
                    Effect.retry({ times: 20 })
                  )
                )
                yield* inTime(yield* Effect.forkChild(after))
                return sent
              }).pipe(
                Effect.provide(
                  layerFaulty({
                    append: () => (started ? (appends.shift() ?? null) : null),
                    read: () => (started ? (reads.shift() ?? 0) : 0)
                  })
                )
              )

              const places = new Map<string, number>()
              for (const [i, { commandId }] of store.events.entries()) {
                expect(places.has(commandId!)).toBe(false)
                places.set(commandId!, i)
              }
              for (const [commandId, outcome] of outcomes) {
                if (outcome === "accepted") expect(places.has(commandId)).toBe(true)
                else if (outcome !== "OutcomeUnknown") expect(places.has(commandId)).toBe(false)
              }
              if (sendsAgain) expect([...outcomes.values()]).toSatisfy(isAnswered)
              for (const commands of sent) {
                const found = commands.flatMap((commandId) => places.get(commandId) ?? [])
                // One that nobody waits for any more may come late, behind those that were sent after it.
                if (isAnswered(commands.map((commandId) => outcomes.get(commandId)!))) {
                  expect(found).toEqual(found.toSorted((a, b) => a - b))
                }
              }
              const verified = verifyRange(
                EMPTY_LOG,
                store.events.map((row, i) => ({ ...row, position: i + 1 }))
              )
              expect(Result.isSuccess(verified)).toBe(true)
            }).pipe(
              Effect.scoped,
              Effect.provide(Layer.mergeAll(MemoryStore.layer, TestClock.layer())),
              Effect.runPromise
            )
          ),
          { numRuns: 60 }
        )
      )
  )

  const title = (name: string) => sendable(update({ title: name }), { threadId: "thread" })

  /** An engine with a thread, whose log fails as it is told. */
  const withFault = <A, E>(
    body: (
      set: (fault: AppendFault | null) => void
    ) => Effect.Effect<A, E, ThreadEngine | EventLog | Scope.Scope>
  ) => {
    let fault: AppendFault | null = null
    return Effect.gen(function* () {
      yield* dispatch(sendable(create(), { threadId: "thread" }))
      return yield* body((next) => void (fault = next))
    }).pipe(
      Effect.scoped,
      Effect.provide(
        layerFaulty({ append: () => fault, read: () => (fault === null ? 0 : "failed") }).pipe(
          Layer.provide(MemoryStore.layer)
        )
      )
    )
  }

  it.effect("E5 a database that comes back within the limit costs nobody more than the wait", () =>
    withFault(
      Effect.fnUntraced(function* (set) {
        set("refused")
        const fiber = yield* Effect.forkChild(
          Effect.forEach(["a", "b", "c"], (name) => dispatch(title(name)), { concurrency: 3 })
        )
        yield* TestClock.adjust(WAIT - 1_100)
        expect(fiber.pollUnsafe()).toBeUndefined()
        set(null)
        yield* TestClock.adjust(1_100)
        expect((yield* Fiber.join(fiber)).map(({ status }) => status)).toEqual([
          "accepted",
          "accepted",
          "accepted"
        ])
      })
    )
  )

  it.effect(
    "at its limit a command that was not sent is unavailable, and one whose answer is out is of unknown outcome",
    () =>
      withFault(
        Effect.fnUntraced(function* (set) {
          set("answer-lost")
          const sent = yield* Effect.forkChild(Effect.exit(dispatch(title("sent"))), {
            startImmediately: true
          })
          yield* TestClock.adjust(WAIT / 2)
          const behind = yield* Effect.forkChild(Effect.exit(dispatch(title("behind"))), {
            startImmediately: true
          })
          yield* TestClock.adjust(WAIT / 2 - 1)
          expect(sent.pollUnsafe()).toBeUndefined()
          yield* TestClock.adjust(1)
          expect(outcomeOf(yield* Fiber.join(sent))).toBe("OutcomeUnknown")
          expect(behind.pollUnsafe()).toBeUndefined()
          yield* TestClock.adjust(WAIT / 2)
          expect(outcomeOf(yield* Fiber.join(behind))).toBe("Unavailable")
          set(null)
          const next = yield* Effect.forkChild(dispatch(title("next")))
          yield* inTime(next)
          const log = yield* EventLog
          const events = yield* log.readLog({ afterPosition: 0, limit: 10 })
          expect(events.map(({ data }) => data)).toMatchObject([{}, { title: "sent" }, { title: "next" }])
        })
      )
  )

  it.effect("what comes when the queue is full waits as long, and the queue does not grow", () =>
    withFault(
      Effect.fnUntraced(function* (set) {
        set("refused")
        const fibers = yield* Effect.forEach(Array.from({ length: 6_000 }), (_, i) =>
          Effect.forkChild(Effect.exit(dispatch(title(`${i}`))), { startImmediately: true })
        )
        yield* TestClock.adjust(WAIT)
        const exits = yield* Effect.forEach(fibers, Fiber.join)
        expect(new Set(exits.map(outcomeOf))).toEqual(new Set(["Unavailable"]))
        set(null)
        const next = yield* Effect.forkChild(dispatch(title("next")))
        expect((yield* inTime(next)).status).toBe("accepted")
        const log = yield* EventLog
        expect(yield* log.head).toBe(2)
      })
    )
  )

  it.effect(
    "a thread that can't be read holds up nobody else, and a log that is well says so at once",
    () => {
      const broken = Layer.effect(
        EventLog,
        Effect.map(EventLog, (log) => ({
          ...log,
          readThread: (options: Parameters<typeof log.readThread>[0]) =>
            options.threadId === "broken"
              ? Effect.fail(new Unavailable({ message: "a page is damaged" }))
              : log.readThread(options)
        }))
      )
      return Effect.gen(function* () {
        const outcomes = yield* Effect.forEach(
          ["fine", "broken", "also-fine"],
          (threadId) => Effect.exit(dispatch(sendable(create(), { threadId }))),
          { concurrency: 3 }
        )
        expect(outcomes.map(outcomeOf)).toEqual(["accepted", "Unavailable", "accepted"])
      }).pipe(
        Effect.provide(
          ThreadEngine.layer.pipe(
            Layer.provide(Publisher.layer),
            Layer.provide(broken),
            Layer.provide(Memory.layer)
          )
        )
      )
    }
  )
})
