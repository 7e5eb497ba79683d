/** Processes that are gone between a commit and what it asks of a runtime. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { TestClock } from "effect/testing"
import { MemoryStore } from "../memory/MemoryEventLog.ts"
import {
  approve,
  ask,
  closeSession,
  closeTurn,
  create,
  interrupt,
  openMessage,
  openStep,
  respond,
  start,
  steer
} from "../testing/commands.ts"
import { eventTypes, startReactors as startProcess, typesAfter } from "../testing/startReactors.ts"

/** A third process finds nothing to do: whatever it does is for a turn that is asked for only then. */
const expectNothingLeft = Effect.gen(function* () {
  const before = yield* eventTypes
  const process = yield* startProcess()
  const running = before.findLastIndex((type) => type === "session-opened")
  const ended = before.findLastIndex((type) => type === "session-closed")
  if (running > ended) throw new Error("a turn still runs")
  yield* process.send({ ...start("after-all") })
  yield* process.untilCalls(1)
  expect(yield* typesAfter(before.length)).toEqual([
    "turn-start-requested",
    "message-sent",
    "turn-started",
    "session-opened"
  ])
  yield* process.close
})

const test = (title: string, body: Effect.Effect<void, unknown, MemoryStore | Scope.Scope>) =>
  it.effect(title, () => body.pipe(Effect.scoped, Effect.provide(MemoryStore.layer)) as Effect.Effect<void>)

describe("a reaction that is lost between commit and action", () => {
  test(
    "E5 a turn whose claim meets an outage of the database is claimed when that is over",
    Effect.gen(function* () {
      const process = yield* startProcess()
      yield* process.send(create(), start("a"))
      yield* process.untilCalls(1)
      yield* process.report(closeTurn("a"))
      process.goAway(3)
      yield* process.send(start("b"))
      yield* TestClock.adjust("1 minute")
      expect(yield* process.untilCalls(2)).toEqual(["start a 1", "start b 2"])
      yield* process.close
    })
  )

  test(
    "E10 a turn that nobody claimed is claimed once, and its runtime called once",
    Effect.gen(function* () {
      // A log on which reactors have acted.
      yield* Effect.flatMap(startProcess(), ({ close }) => close)
      const first = yield* startProcess({ reacts: false })
      yield* first.send(create(), start("a"))
      yield* first.crash
      const second = yield* startProcess()
      expect(yield* second.untilCalls(1)).toEqual(["start a 1"])
      expect((yield* eventTypes).filter((type) => type === "session-opened")).toHaveLength(1)
    })
  )

  test(
    "A7 a turn that was claimed, and whose runtime was never called, is interrupted; the thread takes a new one",
    Effect.gen(function* () {
      const first = yield* startProcess({ diesAt: "start" })
      yield* first.send(create(), start("a"))
      yield* first.dies
      const before = (yield* eventTypes).length
      const second = yield* startProcess()
      yield* second.until("thread.turn-interrupted")
      expect(yield* typesAfter(before)).toEqual(["session-closed", "turn-interrupted"])
      expect(second.calls).toEqual([])
      yield* second.crash
      yield* expectNothingLeft
    })
  )

  test(
    "A11 an interrupt of which the runtime was never told ends the turn, and the one queued behind it starts",
    Effect.gen(function* () {
      const first = yield* startProcess({ diesAt: "interrupt" })
      yield* first.send(create(), start("a"), start("b"))
      yield* first.untilCalls(1)
      yield* first.report(openStep("a"), openMessage("a"))
      yield* first.send(interrupt("a"))
      yield* first.dies
      const second = yield* startProcess()
      expect(yield* second.untilCalls(1)).toEqual(["start b 2"])
      expect((yield* eventTypes).slice(-7)).toEqual([
        "turn-interrupt-requested",
        "session-closed",
        "message-closed",
        "step-closed",
        "turn-interrupted",
        "turn-started",
        "session-opened"
      ])
      yield* second.report(closeTurn("b"))
      yield* second.crash
      yield* expectNothingLeft
    })
  )

  test(
    "A12 an answer that was committed and not handed on parks the turn, and the next session has it",
    Effect.gen(function* () {
      const first = yield* startProcess({ diesAt: "respond" })
      yield* first.send(create(), start("a"))
      yield* first.untilCalls(1)
      yield* first.report(openStep("a"), openMessage("a"), ask("r"))
      yield* first.send(respond("r", approve))
      yield* first.dies
      const before = (yield* eventTypes).length
      const second = yield* startProcess()
      expect(yield* second.untilCalls(1)).toEqual(["start a 2"])
      expect(yield* typesAfter(before)).toEqual(["session-closed", "session-opened"])
      yield* second.report(closeTurn("a"))
      yield* second.crash
      yield* expectNothingLeft
    })
  )

  test(
    "A12 an answer to a parked turn that came while nobody held the lease starts the next session once",
    Effect.gen(function* () {
      const first = yield* startProcess()
      yield* first.send(create(), start("a"))
      yield* first.untilCalls(1)
      yield* first.report(openStep("a"), openMessage("a"), ask("r"), closeSession("parked"))
      yield* first.crash
      const other = yield* startProcess({ holds: false })
      yield* other.send(respond("r", approve))
      yield* other.close
      const second = yield* startProcess()
      expect(yield* second.untilCalls(1)).toEqual(["start a 2"])
      yield* second.report(closeTurn("a"))
      yield* second.crash
      yield* expectNothingLeft
    })
  )

  test(
    "A12 a turn parked on a request still waits after a crash; the request of a runtime that can't go on is withdrawn",
    Effect.gen(function* () {
      for (const runtime of ["scripted", "forgetful"]) {
        const turn = `${runtime}-turn`
        const first = yield* startProcess()
        if (runtime === "scripted") yield* first.send(create())
        yield* first.send(start(turn, { choice: { runtime } }))
        yield* first.untilCalls(1)
        yield* first.report(openStep(turn), openMessage(turn), ask(`${runtime}-request`))
        const before = (yield* eventTypes).length
        yield* first.crash
        const second = yield* startProcess()
        if (runtime === "scripted") {
          yield* second.until("thread.session-closed", before)
          expect(yield* typesAfter(before)).toEqual(["session-closed"])
          expect(second.calls).toEqual([])
          yield* second.send(interrupt(turn))
        } else {
          yield* second.until("thread.turn-interrupted", before)
          expect((yield* typesAfter(before)).filter((type) => type === "request-withdrawn")).toHaveLength(1)
        }
        yield* second.close
      }
    })
  )

  test(
    "D8 a steering message that was committed and not delivered becomes the next turn",
    Effect.gen(function* () {
      const first = yield* startProcess({ diesAt: "steer" })
      yield* first.send(create(), start("a"))
      yield* first.untilCalls(1)
      yield* first.report(openStep("a"), openMessage("a"))
      yield* first.send(steer("a", "b"))
      yield* first.dies
      const before = (yield* eventTypes).length
      const second = yield* startProcess()
      expect(yield* second.untilCalls(1)).toEqual(["start b 2"])
      expect(yield* typesAfter(before)).toEqual([
        "session-closed",
        "message-closed",
        "step-closed",
        "turn-interrupted",
        "turn-start-requested",
        "turn-queued",
        "turn-started",
        "session-opened"
      ])
      yield* second.report(closeTurn("b"))
      yield* second.crash
      yield* expectNothingLeft
    })
  )

  test(
    "A11 is found where the read models stand still, too",
    Effect.gen(function* () {
      const first = yield* startProcess({ diesAt: "start" })
      yield* first.send(create(), start("a"), start("b"))
      yield* first.dies
      const second = yield* startProcess({ projectionFailed: true })
      expect(yield* second.untilCalls(1)).toEqual(["start b 2"])
      yield* second.close
    })
  )

  test(
    "A7 a process without the lease leaves the turns of the one that holds it alone",
    Effect.gen(function* () {
      const holder = yield* startProcess()
      yield* holder.send(create(), start("a"))
      yield* holder.untilCalls(1)
      const before = yield* eventTypes
      const other = yield* startProcess({ holds: false })
      yield* other.send(steer("a", "b"))
      expect(other.calls).toEqual([])
      expect(yield* typesAfter(before.length)).toEqual(["message-sent", "turn-steered"])
      yield* other.close
      yield* holder.close
    })
  )
})

describe("reactors that were cut off in a process that goes on", () => {
  test(
    "A7 leave its live turns alone, and tell them what was committed meanwhile",
    Effect.gen(function* () {
      const process = yield* startProcess()
      yield* process.send(create(), start("a"))
      yield* process.untilCalls(1)
      yield* process.report(openStep("a"), openMessage("a"), ask("r"), ask("s"))
      yield* process.cutOff(process.send(respond("r", approve), steer("a", "b"), interrupt("a")))
      expect(yield* process.untilCalls(4)).toEqual(["start a 1", "respond r", "steer a", "interrupt a"])
      yield* process.close
    })
  )
})

describe("a history", () => {
  test(
    "E10 that was put into a log on which nobody has acted calls no model, and a turn that is asked for then does",
    Effect.gen(function* () {
      const importing = yield* startProcess({ reacts: false })
      yield* importing.send(create(), start("a"), start("b"))
      yield* importing.close
      const process = yield* startProcess()
      yield* process.until("thread.turn-interrupted")
      yield* process.send(start("c"))
      yield* process.untilCalls(1)
      expect(process.calls).toEqual(["start c 1"])
      yield* process.close
    })
  )
})
