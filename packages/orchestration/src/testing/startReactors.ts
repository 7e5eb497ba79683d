/**
 * A process for tests of what becomes of the turns that it leaves: engine and reactors on a log in memory, which outlives it, and runtimes
 * that only note how they were called. A process that crashes commits nothing more, from one moment to the next.
 */
import {
  type ClientCommand,
  CommandId,
  DEFAULT_TENANT,
  type LoggedEvent,
  type RuntimeCommand
} from "@spillway/contracts"
import { expect } from "@effect/vitest"
import { Context, Deferred, Effect, Exit, Layer, Scope, Stream, SubscriptionRef } from "effect"
import { TestClock } from "effect/testing"
import { CommitSignal } from "../CommitSignal.ts"
import { Unavailable } from "../EventLog.ts"
import * as MemoryEventLog from "../memory/MemoryEventLog.ts"
import { NodeLease } from "../NodeLease.ts"
import { Publisher } from "../Publisher.ts"
import { layerRuntimeReactor } from "../reactors/RuntimeReactor.ts"
import { ProjectionFailed, ReadModels } from "../ReadModels.ts"
import { RuntimeSessions } from "../RuntimeSessions.ts"
import { ThreadEngine } from "../ThreadEngine.ts"
import { scenarioThread } from "./scenario.ts"

const { MemoryStore } = MemoryEventLog
const tenant = DEFAULT_TENANT
const threadId = scenarioThread

type Call = "start" | "interrupt" | "respond" | "steer"

let ids = 0

/**
 * A process that holds the lease, or does not.
 *
 * @param options.diesAt at the first such call of a runtime it crashes: the call is not made.
 * @param options.projectionFailed its read models stand still at the beginning of the log.
 */
export const startReactors = Effect.fnUntraced(function* (
  options: {
    readonly diesAt?: Call
    readonly holds?: boolean
    readonly reacts?: boolean
    readonly projectionFailed?: boolean
  } = {}
) {
  const store = yield* MemoryStore
  const isHolder = options.holds !== false
  if (isHolder) store.epoch++
  const epoch = store.epoch
  const calls: Array<string> = []
  const running = new Set<string>()
  const died = yield* Deferred.make<void>()
  const called = yield* SubscriptionRef.make(0)
  const reactors = { cut: false }

  const runtimeCall = (what: Call, text: string) =>
    Effect.suspend(() => {
      if (options.diesAt === what) {
        store.epoch++
        return Effect.andThen(Deferred.succeed(died, undefined), Effect.never)
      }
      calls.push(text)
      return SubscriptionRef.set(called, calls.length)
    })
  const sessions = RuntimeSessions.of({
    traits: ({ runtime = "scripted" }) => ({
      runtime,
      resumable: runtime !== "forgetful",
      canSteer: runtime !== "forgetful"
    }),
    outlivesServer: () => false,
    start: ({ generation, sessionId, turnId }) =>
      Effect.andThen(
        runtimeCall("start", `start ${turnId} ${generation}`),
        Effect.sync(() => void running.add(`${sessionId}@${generation}`))
      ),
    interrupt: ({ turnId }) => runtimeCall("interrupt", `interrupt ${turnId}`),
    respond: ({ requestId }) => runtimeCall("respond", `respond ${requestId}`),
    steer: ({ turnId }) => runtimeCall("steer", `steer ${turnId}`),
    isRunning: (sessionId, generation) => running.has(`${sessionId}@${generation}`),
    releaseAll: Effect.sync(() => running.clear())
  })

  /** What it hands to followers it can't hand on once `cut` is set, once. */
  const publisher = Layer.effect(
    Publisher,
    Effect.map(Publisher, (real) =>
      Publisher.of({
        ...real,
        follow: (after) =>
          Stream.mapEffect(real.follow(after), (events) => {
            if (!reactors.cut) return Effect.succeed(events)
            reactors.cut = false
            return Effect.fail(new Unavailable({ message: "The log can't be read." }))
          })
      })
    )
  ).pipe(Layer.provide(Publisher.layer))
  const readModels = Layer.effect(
    ReadModels,
    Effect.map(
      ThreadEngine,
      (engine) =>
        ({
          waitFor: () =>
            options.projectionFailed === true
              ? Effect.fail(
                  new ProjectionFailed({ projection: "threads", checkpoint: 0, message: "It stands still." })
                )
              : Effect.void,
          busyThreads: Effect.map(engine.state(tenant, threadId), ({ active }) =>
            active === null || options.projectionFailed === true ? [] : [{ tenant, threadId }]
          )
        }) as unknown as ReadModels["Service"]
    )
  )
  const engine = readModels.pipe(
    Layer.provideMerge(ThreadEngine.layer),
    Layer.provideMerge(publisher),
    Layer.provideMerge(
      Layer.mergeAll(
        MemoryEventLog.layer,
        Layer.succeed(CommitSignal, CommitSignal.of({ wakes: Stream.never })),
        Layer.succeed(RuntimeSessions, sessions),
        Layer.succeed(NodeLease, {
          epoch: Effect.succeed(isHolder ? epoch : null),
          changes: Stream.concat(Stream.succeed(isHolder ? epoch : null), Stream.never)
        })
      )
    )
  )
  let outages = 0
  const reactorEngine = Layer.effect(
    ThreadEngine,
    Effect.map(ThreadEngine, (real) =>
      ThreadEngine.of({
        ...real,
        ingest: (batch) =>
          Effect.suspend(() =>
            outages-- > 0
              ? Effect.fail(new Unavailable({ message: "The database is away." }))
              : real.ingest(batch)
          )
      })
    )
  )
  const reacting = Layer.provide(layerRuntimeReactor, reactorEngine)
  const scope = yield* Scope.make()
  const context = yield* Layer.buildWithScope(
    Layer.fresh(options.reacts === false ? engine : Layer.provideMerge(reacting, engine)),
    scope
  )
  const { dispatch, ingest } = Context.get(context, ThreadEngine)
  const { follow } = Context.get(context, Publisher)
  const close = Scope.close(scope, Exit.void)
  return {
    /** Runtimes that were called, in order. */
    calls,
    /** Reactors hear nothing of what is committed, and begin anew a while later. */
    cutOff: Effect.fnUntraced(function* (committing: Effect.Effect<void, unknown>) {
      reactors.cut = true
      yield* committing
      yield* TestClock.adjust("5 seconds")
      expect(reactors.cut).toBe(false)
    }),
    send: Effect.fnUntraced(function* (...commands: ReadonlyArray<ClientCommand>) {
      for (const command of commands) {
        const commandId = CommandId.make(`c-${++ids}`)
        const receipt = yield* dispatch(
          { tenant, actor: "tester", correlationId: null },
          { ...command, commandId }
        )
        expect(receipt).toMatchObject({ status: "accepted" })
      }
    }),
    /** So many of the commands that its reactors ingest from now on fail, as where the database is away. */
    goAway: (times: number) => void (outages = times),
    /** What the session of the thread reports. */
    report: (...commands: ReadonlyArray<RuntimeCommand>) =>
      Effect.map(
        ingest({ tenant, threadId, actor: "runtime:scripted", commands, cursor: null }),
        ({ _tag }) => expect(_tag).toBe("Committed")
      ),
    /** Waits for so many calls of runtimes; the result is all of them. */
    untilCalls: (count: number) =>
      Effect.as(
        SubscriptionRef.changes(called).pipe(
          Stream.filter((now) => now >= count),
          Stream.runHead
        ),
        calls
      ),
    /** Waits for an event of the type behind a position. */
    until: (type: LoggedEvent["type"], after = 0) =>
      follow(after).pipe(
        Stream.flatMap((events) => Stream.fromIterable(events)),
        Stream.filter((event) => event.type === type),
        Stream.runHead
      ),
    /** It is gone once it has called the runtime that it dies at. */
    dies: Effect.andThen(Deferred.await(died), close),
    crash: Effect.andThen(
      Effect.sync(() => void store.epoch++),
      close
    ),
    close
  }
})

/** Of all events, without `thread.`. */
export const eventTypes = Effect.map(MemoryStore, ({ events }) =>
  events.map(({ type }) => type.slice("thread.".length))
)

/** What was committed since, by type. */
export const typesAfter = (count: number) => Effect.map(eventTypes, (types) => types.slice(count))
