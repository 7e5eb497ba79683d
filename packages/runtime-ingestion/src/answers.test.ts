import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import {
  CommandId,
  DEFAULT_TENANT,
  isTurnEnd,
  RequestId,
  type RequestResponse,
  type RuntimeCommand,
  sessionIdOf,
  type ThreadId,
  type TurnId
} from "@spillway/contracts"
import {
  markHistory,
  NodeLease,
  Postgres,
  PostgresReadModels,
  Publisher,
  RuntimeSessions,
  ThreadEngine
} from "@spillway/orchestration"
import { expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Stream } from "effect"
import { typesOf } from "./testing/beginTurn.ts"
import { Puppet, type PuppetTurn } from "./testing/Puppet.ts"
import {
  committed,
  committedType,
  createThread,
  dispatch,
  eventsOf,
  layerProcess,
  startTurn,
  turnEnd,
  uniqueId
} from "./testing/TestIngestion.ts"

const approve: RequestResponse = { type: "approval", decision: "approve" }

const respond = (threadId: ThreadId, requestId: string) =>
  dispatch({
    type: "thread.request.respond",
    commandId: CommandId.make(uniqueId("command")),
    threadId,
    requestId: RequestId.make(requestId),
    response: approve
  })

const ask = ({ session }: PuppetTurn, requestId: string) =>
  session.request({ requestId: RequestId.make(requestId), kind: "approval", title: "May I?" })

const requestEvents = (threadId: ThreadId) =>
  Effect.map(eventsOf(threadId), (events) =>
    typesOf(events).filter((type) => type.startsWith("request-") || type.startsWith("session-"))
  )

/** Nothing of the log is history: it begins here. */
const fromTheStart = Layer.effectDiscard(
  Effect.flatMap(NodeLease, (lease) => Effect.flatMap(lease.epoch, (epoch) => markHistory(epoch!, 0)))
)

/** An engine without reactors: what it writes stands in the log as a process left it that was killed. */
const layerQuiet = Layer.unwrap(
  Effect.map(TestDatabase, ({ url }) =>
    fromTheStart.pipe(
      Layer.provideMerge(ThreadEngine.layer),
      Layer.provideMerge(PostgresReadModels.layer),
      Layer.provideMerge(Publisher.layer),
      Layer.provideMerge(Postgres.layer({ url })),
      Layer.fresh
    )
  )
)

/** A turn of a session that asked for these, in a process that is no more. */
const leftAsking = Effect.fnUntraced(function* (...requestIds: ReadonlyArray<string>) {
  const engine = yield* ThreadEngine
  const threadId = yield* createThread
  const { turnId } = yield* startTurn(threadId)
  const ingest = (...commands: ReadonlyArray<RuntimeCommand>) =>
    engine.ingest({ tenant: DEFAULT_TENANT, threadId, actor: "runtime:puppet", commands, cursor: null })
  yield* ingest(
    {
      type: "thread.session.open",
      turnId,
      sessionId: sessionIdOf(DEFAULT_TENANT, threadId),
      generation: 1,
      runtime: "puppet",
      resumable: true,
      canSteer: true
    },
    ...requestIds.map((requestId): RuntimeCommand => ({
      type: "thread.request.open",
      requestId: RequestId.make(requestId),
      toolCallId: null,
      kind: "approval",
      title: "May I?",
      questions: []
    }))
  )
  return {
    threadId,
    turnId,
    take: (requestId: string) => ingest({ type: "thread.request.take", requestId: RequestId.make(requestId) })
  }
})

it.live("A12 an answer reaches the runtime once the log says that its session has taken it", () =>
  Effect.gen(function* () {
    const puppet = yield* Puppet
    const threadId = yield* createThread
    const { turnId } = yield* startTurn(threadId)
    const turn = yield* puppet.next
    const asking = yield* Effect.forkChild(ask(turn, "r"), { startImmediately: true })
    yield* committedType(threadId, "thread.request-opened")
    yield* respond(threadId, "r")
    expect(yield* Fiber.join(asking)).toEqual(approve)
    // Reactors that were cut off tell it again.
    const sessions = yield* RuntimeSessions
    const again = { tenant: DEFAULT_TENANT, threadId, requestId: RequestId.make("r"), response: approve }
    yield* Effect.all([sessions.respond(again), sessions.respond(again)])
    yield* turn.session.openStep({ model: null })
    expect((yield* requestEvents(threadId)).slice(1)).toEqual([
      "request-opened",
      "request-resolved",
      "request-taken"
    ])
    yield* turn.finish
    expect(yield* turnEnd(threadId, turnId)).toBe("completed")
  }).pipe(Effect.provide(layerProcess().pipe(Layer.provideMerge(TestDatabase.layer))))
)

it.live("A12 an answer that the lost session did not take is taken by the next one", () =>
  Effect.gen(function* () {
    const { threadId, turnId } = yield* Effect.gen(function* () {
      const left = yield* leftAsking("r")
      yield* respond(left.threadId, "r")
      return left
    }).pipe(Effect.provide(layerQuiet))

    yield* Effect.gen(function* () {
      const turn = yield* (yield* Puppet).next
      expect(turn.input.turnId).toBe(turnId)
      expect(yield* ask(turn, "r")).toEqual(approve)
      expect(yield* requestEvents(threadId)).toEqual([
        "session-opened",
        "request-opened",
        "request-resolved",
        "session-closed",
        "session-opened",
        "request-taken"
      ])
      // Asked again, it is the same answer, and was taken already.
      expect(yield* ask(turn, "r")).toEqual(approve)
      yield* turn.finish
      expect(yield* turnEnd(threadId, turnId)).toBe("completed")
      expect((yield* requestEvents(threadId)).filter((type) => type === "request-taken")).toHaveLength(1)
      expect((yield* Puppet).calls()).toBe(1)
    }).pipe(Effect.provide(layerProcess()))
  }).pipe(Effect.provide(TestDatabase.layer))
)

it.live(
  "A12 a turn whose every answer was taken is interrupted with its session, and goes on while one was not",
  () =>
    Effect.gen(function* () {
      const { all, some } = yield* Effect.gen(function* () {
        const all = yield* leftAsking("r")
        yield* respond(all.threadId, "r")
        yield* all.take("r")
        const some = yield* leftAsking("r", "s")
        yield* respond(some.threadId, "r")
        yield* some.take("r")
        yield* respond(some.threadId, "s")
        return { all, some }
      }).pipe(Effect.provide(layerQuiet))

      yield* Effect.gen(function* () {
        expect(yield* turnEnd(all.threadId, all.turnId)).toBe("interrupted")
        const turn = yield* (yield* Puppet).next
        expect(turn.input.turnId).toBe(some.turnId)
        expect(yield* Effect.all([ask(turn, "r"), ask(turn, "s")], { concurrency: 2 })).toEqual([
          approve,
          approve
        ])
        yield* turn.finish
        expect(yield* turnEnd(some.threadId, some.turnId)).toBe("completed")
        expect((yield* requestEvents(some.threadId)).filter((type) => type === "request-taken")).toHaveLength(
          2
        )
        expect((yield* Puppet).calls()).toBe(1)
      }).pipe(Effect.provide(layerProcess()))
    }).pipe(Effect.provide(TestDatabase.layer))
)

it.live("A12 an answer that comes while the server stops is taken by that session or by the next, once", () =>
  Effect.gen(function* () {
    const handed: Array<string> = []
    const answerOf = (turn: PuppetTurn) =>
      Effect.tap(ask(turn, "r"), () => Effect.sync(() => handed.push(turn.input.turnId)))

    const threads = yield* Effect.gen(function* () {
      const puppet = yield* Puppet
      const threads: Array<{ readonly threadId: ThreadId; readonly turnId: TurnId }> = []
      for (let i = 0; i < 12; i++) {
        const threadId = yield* createThread
        threads.push({ threadId, ...(yield* startTurn(threadId)) })
        const turn = yield* puppet.next
        yield* Effect.forkDetach(Effect.ignore(answerOf(turn)), { startImmediately: true })
        yield* committedType(threadId, "thread.request-opened")
      }
      const respondTo = (some: typeof threads) =>
        Effect.forEach(some, ({ threadId }) => respond(threadId, "r"), { concurrency: "unbounded" })
      yield* respondTo(threads.slice(6))
      yield* committedType(threads[6]!.threadId, "thread.request-taken")
      yield* respondTo(threads.slice(0, 6))
      return threads
    }).pipe(Effect.provide(layerProcess()))

    yield* Effect.gen(function* () {
      const puppet = yield* Puppet
      yield* Stream.fromEffectRepeat(puppet.next).pipe(
        Stream.runForEach((turn) => Effect.andThen(answerOf(turn), turn.finish)),
        Effect.forkScoped
      )
      for (const { threadId, turnId } of threads) {
        const end = yield* committed(threadId, isTurnEnd)
        const types = yield* requestEvents(threadId)
        expect(types.filter((type) => type === "request-taken")).toHaveLength(1)
        const times = handed.filter((turn) => turn === turnId).length
        // The first session took it and was stopped behind it, or it left it to the second.
        if (end.type === "thread.turn-completed") expect(times).toBe(1)
        else expect(times).toBeLessThanOrEqual(1)
        expect(types.filter((type) => type === "session-opened")).toHaveLength(
          end.type === "thread.turn-completed" ? 2 : 1
        )
      }
    }).pipe(Effect.scoped, Effect.provide(layerProcess()))
  }).pipe(Effect.provide(TestDatabase.layer))
)
