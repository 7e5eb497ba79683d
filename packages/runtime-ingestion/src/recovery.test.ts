import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { CommandId, type ProviderRuntimeEvent, RequestId, ToolCallId } from "@spillway/contracts"
import {
  EventLog,
  markHistory,
  NodeLease,
  Postgres,
  PostgresReadModels,
  Publisher,
  ThreadEngine
} from "@spillway/orchestration"
import { expect, it } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Scope, Stream } from "effect"
import { Puppet } from "./testing/Puppet.ts"
import {
  committedType,
  createThread,
  dispatch,
  eventsOf,
  interruptTurn,
  layerProcess,
  startTurn,
  textOf,
  turnEnd,
  uniqueId,
  viewOf
} from "./testing/TestIngestion.ts"

const delta = (text: string): ProviderRuntimeEvent => ({
  type: "text.delta",
  itemId: "a",
  kind: "text",
  delta: text
})

/** A process that a test starts and stops. Stopping is orderly: text that was taken in goes to the log. */
const startProcess = Effect.gen(function* () {
  const scope = yield* Scope.make()
  const context = yield* Layer.buildWithScope(layerProcess(), scope)
  return {
    context,
    run: <A, E>(effect: Effect.Effect<A, E, Layer.Success<ReturnType<typeof layerProcess>>>) =>
      Effect.provideContext(effect, context),
    stop: Scope.close(scope, Exit.void)
  }
})

const respond = (threadId: never, requestId: string) =>
  dispatch({
    type: "thread.request.respond",
    commandId: CommandId.make(uniqueId("command")),
    threadId,
    requestId: RequestId.make(requestId),
    response: { type: "approval", decision: "approve" }
  })

it.live(
  "A11 a turn that a stopped process left behind becomes interrupted, with its text, and the thread takes a new one",
  () =>
    Effect.gen(function* () {
      const first = yield* startProcess
      const { threadId, turnId } = yield* first.run(
        Effect.gen(function* () {
          const threadId = yield* createThread
          const { turnId } = yield* startTurn(threadId)
          const turn = yield* (yield* Puppet).next
          yield* turn.session.openStep({ model: null })
          yield* turn.session.emit(delta("written before the stop"))
          return { threadId, turnId }
        })
      )
      yield* first.stop
      const second = yield* startProcess
      yield* second.run(
        Effect.gen(function* () {
          expect(yield* turnEnd(threadId, turnId)).toBe("interrupted")
          const view = yield* viewOf(threadId)
          expect(view.turns[0]).toMatchObject({ reason: "server-restarted" })
          expect(textOf(view)).toBe("written before the stop")
          const next = yield* startTurn(threadId)
          const turn = yield* (yield* Puppet).next
          expect(turn.input.history).toMatchObject([
            { role: "user" },
            { role: "assistant", cutOff: true },
            { role: "user" }
          ])
          yield* turn.finish
          expect(yield* turnEnd(threadId, next.turnId)).toBe("completed")
        })
      )
      yield* second.stop
    }).pipe(Effect.provide(TestDatabase.layer))
)

it.live(
  "A12 a turn parked on a request survives a restart, is answered while nobody runs it, and goes on from the log",
  () =>
    Effect.gen(function* () {
      const first = yield* startProcess
      const { threadId, turnId } = yield* first.run(
        Effect.gen(function* () {
          const threadId = yield* createThread
          const { turnId } = yield* startTurn(threadId)
          const turn = yield* (yield* Puppet).next
          yield* turn.session.openStep({ model: null })
          yield* turn.session.emit(delta("may I? "))
          yield* turn.session.emit({
            type: "tool-call.started",
            toolCallId: ToolCallId.make("call"),
            name: "write",
            input: {}
          })
          yield* turn.session
            .request({
              requestId: RequestId.make("ask"),
              kind: "approval",
              title: "Write?",
              toolCallId: ToolCallId.make("call")
            })
            .pipe(Effect.ignore, Effect.forkDetach({ startImmediately: true }))
          yield* committedType(threadId, "thread.request-opened")
          return { threadId, turnId }
        })
      )
      yield* first.stop
      const second = yield* startProcess
      yield* second.run(
        Effect.gen(function* () {
          const parked = yield* committedType(threadId, "thread.session-closed")
          expect(parked.data.reason).toBe("parked")
          expect((yield* Puppet).calls()).toBe(0)
          expect((yield* viewOf(threadId)).activeTurnId).toBe(turnId)
          expect((yield* respond(threadId as never, "ask")).status).toBe("accepted")
          expect(yield* respond(threadId as never, "ask")).toMatchObject({
            rejection: { _tag: "RequestAlreadyResolved" }
          })
          const turn = yield* (yield* Puppet).next
          expect(turn.input).toMatchObject({ turnId, nextStepIndex: 1 })
          // The answer that came meanwhile is there at once.
          const answer = yield* turn.session.request({
            requestId: RequestId.make("ask"),
            kind: "approval",
            title: "Write?"
          })
          expect(answer).toMatchObject({ decision: "approve" })
          yield* turn.session.emit({
            type: "tool-call.completed",
            toolCallId: ToolCallId.make("call"),
            status: "completed",
            result: "written"
          })
          yield* turn.session.openStep({ model: null })
          yield* turn.session.emit(delta("done"))
          yield* turn.finish
          expect(yield* turnEnd(threadId, turnId)).toBe("completed")
          const view = yield* viewOf(threadId)
          expect(textOf(view)).toBe("may I? done")
          expect(view.turns[0]?.messages[1]?.parts[1]).toMatchObject({
            status: "completed",
            result: "written"
          })
        })
      )
      yield* second.stop
    }).pipe(Effect.provide(TestDatabase.layer))
)

it.live("A12 a request whose runtime can't go on from the log is withdrawn with its turn", () =>
  Effect.gen(function* () {
    const first = yield* startProcess
    const { threadId, turnId } = yield* first.run(
      Effect.gen(function* () {
        const threadId = yield* createThread
        const { turnId } = yield* startTurn(threadId, { choice: { runtime: "forgetful" } })
        const turn = yield* (yield* Puppet).next
        yield* turn.session.openStep({ model: null })
        yield* turn.session
          .request({ requestId: RequestId.make("ask"), kind: "approval", title: "Write?" })
          .pipe(Effect.ignore, Effect.forkDetach({ startImmediately: true }))
        yield* committedType(threadId, "thread.request-opened")
        return { threadId, turnId }
      })
    )
    yield* first.stop
    const second = yield* startProcess
    yield* second.run(
      Effect.gen(function* () {
        expect(yield* turnEnd(threadId, turnId)).toBe("interrupted")
        expect((yield* viewOf(threadId)).turns[0]?.requests).toMatchObject([{ status: "withdrawn" }])
      })
    )
    yield* second.stop
  }).pipe(Effect.provide(TestDatabase.layer))
)

it.live(
  "E10 two processes: only the holder of the lease runs sessions, and each claim calls a runtime once",
  () =>
    Effect.gen(function* () {
      const first = yield* startProcess
      const second = yield* startProcess
      const epochs = yield* Effect.forEach(
        [first, second],
        (process) => Context.get(process.context, NodeLease).epoch
      )
      expect(epochs).toEqual([expect.any(Number), null])

      // A command that came in through the other process is run by the holder.
      const { threadId, turnId } = yield* second.run(
        Effect.gen(function* () {
          const threadId = yield* createThread
          return { threadId, ...(yield* startTurn(threadId)) }
        })
      )
      const turn = yield* first.run(Effect.flatMap(Puppet, (puppet) => puppet.next))
      expect(Context.get(second.context, Puppet).calls()).toBe(0)
      yield* first.run(turn.finish)
      expect(yield* second.run(turnEnd(threadId, turnId))).toBe("completed")

      // The holder goes away with a turn in its hands and one that nobody claimed yet.
      const left = yield* first.run(
        Effect.gen(function* () {
          const threadId = yield* createThread
          const started = yield* startTurn(threadId)
          yield* (yield* Puppet).next
          return { threadId, turnId: started.turnId }
        })
      )
      yield* first.stop
      const unclaimed = yield* second.run(
        Effect.gen(function* () {
          const threadId = yield* createThread
          return { threadId, ...(yield* startTurn(threadId)) }
        })
      )
      yield* second.run(
        Effect.gen(function* () {
          yield* (yield* NodeLease).changes.pipe(
            Stream.filter((epoch) => epoch !== null),
            Stream.runHead
          )
          expect(yield* turnEnd(left.threadId, left.turnId)).toBe("interrupted")
          const turn = yield* (yield* Puppet).next
          expect(turn.input.turnId).toBe(unclaimed.turnId)
          yield* turn.finish
          expect(yield* turnEnd(unclaimed.threadId, unclaimed.turnId)).toBe("completed")
          expect((yield* Puppet).calls()).toBe(1)
          const claims = (yield* eventsOf(unclaimed.threadId)).filter(
            (event) => event.type === "thread.session-opened"
          )
          expect(claims).toHaveLength(1)
        })
      )
      yield* second.stop
    }).pipe(Effect.provide(TestDatabase.layer))
)

it.live("E10 an import calls no model: a turn that was open in the history is closed, not run", () =>
  Effect.gen(function* () {
    const { url } = yield* TestDatabase
    const log = Postgres.layer({ url })
    const quiet = ThreadEngine.layer.pipe(
      Layer.provideMerge(PostgresReadModels.layer),
      Layer.provideMerge(Publisher.layer),
      Layer.provideMerge(log),
      Layer.fresh
    )
    // History as an import leaves it: events in the log, and the mark of history at its head.
    const imported = yield* Effect.gen(function* () {
      const threadId = yield* createThread
      const { turnId } = yield* startTurn(threadId)
      const eventLog = yield* EventLog
      const epoch = yield* (yield* NodeLease).epoch
      yield* markHistory(epoch!, yield* eventLog.head)
      return { threadId, turnId }
    }).pipe(Effect.provide(quiet))
    const process = yield* startProcess
    yield* process.run(
      Effect.gen(function* () {
        expect(yield* turnEnd(imported.threadId, imported.turnId)).toBe("interrupted")
        expect((yield* viewOf(imported.threadId)).turns[0]).toMatchObject({ reason: "imported" })
        expect((yield* Puppet).calls()).toBe(0)
      })
    )
    yield* process.stop
  }).pipe(Effect.provide(TestDatabase.layer))
)

it.live(
  "A11 a runtime that ignores an interrupt is cut off after the grace period, also before its first answer",
  () =>
    Effect.gen(function* () {
      const puppet = yield* Puppet
      const threadId = yield* createThread
      const { turnId } = yield* startTurn(threadId)
      const turn = yield* puppet.next
      yield* interruptTurn(threadId, turnId)
      expect(yield* turnEnd(threadId, turnId)).toBe("interrupted")
      yield* turn.stopped
      const again = yield* startTurn(threadId)
      yield* (yield* puppet.next).finish
      expect(yield* turnEnd(threadId, again.turnId)).toBe("completed")
    }).pipe(Effect.provide(layerProcess({ interruptGrace: 50 }).pipe(Layer.provideMerge(TestDatabase.layer))))
)
