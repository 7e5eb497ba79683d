/** Processes that are gone at once, on Postgres: what they had kept of their text, and what becomes of it. */
import { PgClient, PgConnection } from "@effect/sql-pg"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import {
  CommandId,
  DEFAULT_TENANT,
  type DeliveryMode,
  type ProviderRuntimeEvent,
  RequestId,
  sessionIdOf,
  ToolCallId
} from "@spillway/contracts"
import { EventLog, RuntimeSessions } from "@spillway/orchestration"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Scope } from "effect"
import { ProviderRuntimeIngestion } from "./ProviderRuntimeIngestion.ts"
import { assistantMessages, begin, delta, typesOf } from "./testing/beginTurn.ts"
import { Puppet } from "./testing/Puppet.ts"
import {
  committedType,
  createThread,
  dispatch,
  eventsOf,
  kept,
  layerProcess,
  layerSessions,
  startTurn,
  textOf,
  turnEnd,
  uniqueId,
  viewOf
} from "./testing/TestIngestion.ts"

const modes: ReadonlyArray<DeliveryMode> = ["buffered", "streaming", "paragraph"]

/** So that nothing has to be waited for. */
const soon = { checkpointAge: 20 }

/** A session outside of the process under test. */
const outsider = (database?: string) =>
  Effect.flatMap(TestDatabase, ({ url }) =>
    PgConnection.make({
      url,
      startupParameters: { search_path: "spillway" },
      ...(database === undefined ? {} : { database })
    })
  )

/** A process that a test starts and crashes. */
const startProcess = Effect.gen(function* () {
  const scope = yield* Scope.make()
  const context = yield* Layer.buildWithScope(layerProcess(soon), scope)
  const database = yield* outsider()
  const lease = (assignment: string) => database.query(`update node_lease set ${assignment}`)
  return {
    run: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.provideContext(effect, context),
    stop: Scope.close(scope, Exit.void),
    /** From one moment to the next it can commit nothing more: all that it still has in hand is lost. */
    crash: Effect.gen(function* () {
      yield* lease("epoch = epoch + 1, owner = 'nobody', expires_at = clock_timestamp() + interval '1 hour'")
      yield* Scope.close(scope, Exit.void)
      yield* lease("owner = null")
    })
  }
})

/** How many pieces all checkpoints hold. */
const pieces = Effect.gen(function* () {
  const sql = yield* PgClient.PgClient
  return (yield* sql`select from text_checkpoint`).length
})

const call = ToolCallId.make("call")

const output = (text: string): ProviderRuntimeEvent => ({
  type: "tool-call.output-delta",
  toolCallId: call,
  delta: text
})

describe("a process that crashes in mid-text", () => {
  it.live(
    "A7 leaves turns that become interrupted with the text that was kept, in every mode; doing it twice does nothing",
    () =>
      Effect.gen(function* () {
        const first = yield* startProcess
        const turns = yield* first.run(
          Effect.forEach(modes, (assistantDeliveryMode) =>
            Effect.gen(function* () {
              const turn = yield* begin({ assistantDeliveryMode })
              yield* turn.openStep
              yield* turn.emit(delta("thinking", "r", "reasoning"))
              yield* turn.emit(delta("and saying", "a"))
              yield* kept(turn.threadId, "and saying")
              yield* turn.emit(delta(", on and on", "a"))
              yield* kept(turn.threadId, ", on and on")
              return turn
            })
          )
        )
        const calling = yield* first.run(
          Effect.gen(function* () {
            const turn = yield* begin({ assistantDeliveryMode: "buffered" })
            yield* turn.openStep
            yield* turn.emit({ type: "tool-call.started", toolCallId: call, name: "run", input: {} })
            yield* turn.emit(output("tick "))
            yield* turn.emit(output("tock"))
            yield* kept(turn.threadId, "tock")
            return turn
          })
        )
        yield* first.crash

        const second = yield* startProcess
        yield* second.run(
          Effect.gen(function* () {
            for (const { threadId, turnId } of turns) {
              expect(yield* turnEnd(threadId, turnId)).toBe("interrupted")
              const [turn] = (yield* viewOf(threadId)).turns
              expect(turn).toMatchObject({ reason: "server-restarted" })
              expect(assistantMessages([turn!])).toMatchObject([
                {
                  status: "interrupted",
                  parts: [{ text: "thinking" }, { text: "and saying, on and on" }]
                }
              ])
              expect(typesOf(yield* eventsOf(threadId)).slice(-5)).toEqual([
                "message-segment-appended",
                "session-closed",
                "message-closed",
                "step-closed",
                "turn-interrupted"
              ])
            }
            expect(yield* turnEnd(calling.threadId, calling.turnId)).toBe("interrupted")
            const [message] = assistantMessages((yield* viewOf(calling.threadId)).turns)
            expect(message?.parts).toMatchObject([{ output: "tick tock", status: "error" }])
            expect(yield* pieces).toBe(0)
          })
        )
        const logOf = Effect.flatMap(EventLog, (log) => log.readLog({ afterPosition: 0, limit: 10_000 }))
        const after = yield* second.run(logOf)
        yield* second.crash
        const third = yield* startProcess
        yield* third.run(
          Effect.gen(function* () {
            // The third one is done with recovery when it starts a turn.
            const { turn, turnId, threadId } = yield* begin()
            yield* turn.finish
            yield* turnEnd(threadId, turnId)
            expect((yield* logOf).filter((event) => event.threadId !== threadId)).toEqual(after)
          })
        )
        yield* third.stop
      }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
  )

  it.live("A12 leaves a parked turn with its text in the message, which goes on when it is answered", () =>
    Effect.gen(function* () {
      const first = yield* startProcess
      const { threadId, turnId } = yield* first.run(
        Effect.gen(function* () {
          const turn = yield* begin({ assistantDeliveryMode: "buffered" })
          yield* turn.openStep
          yield* turn.turn.session
            .request({ requestId: RequestId.make("ask"), kind: "approval", title: "Go on?" })
            .pipe(Effect.ignore, Effect.forkDetach({ startImmediately: true }))
          yield* committedType(turn.threadId, "thread.request-opened")
          yield* turn.emit(delta("written while it waits"))
          yield* kept(turn.threadId, "waits")
          return turn
        })
      )
      yield* first.crash
      const second = yield* startProcess
      yield* second.run(
        Effect.gen(function* () {
          yield* committedType(threadId, "thread.session-closed")
          expect(assistantMessages((yield* viewOf(threadId)).turns)).toMatchObject([
            { status: "open", parts: [{ text: "written while it waits" }] }
          ])
          expect(yield* pieces).toBe(0)
          yield* dispatch({
            type: "thread.request.respond",
            commandId: CommandId.make(uniqueId("command")),
            threadId,
            requestId: RequestId.make("ask"),
            response: { type: "approval", decision: "approve" }
          })
          const turn = yield* (yield* Puppet).next
          yield* turn.session.emit(delta(", and after it"))
          yield* turn.finish
          expect(yield* turnEnd(threadId, turnId)).toBe("completed")
          expect(textOf(yield* viewOf(threadId))).toBe("written while it waits, and after it")
        })
      )
      yield* second.stop
    }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
  )

  it.live("T21 leaves a session that may start again under its claim, and goes on behind its cursor", () =>
    Effect.gen(function* () {
      const first = yield* startProcess
      const { claim, threadId } = yield* first.run(
        Effect.gen(function* () {
          const threadId = yield* createThread
          const { turnId } = yield* startTurn(threadId, { assistantDeliveryMode: "paragraph" })
          const turn = yield* (yield* Puppet).next
          yield* turn.session.openStep({ model: null })
          const sessionId = sessionIdOf(DEFAULT_TENANT, threadId)
          const claim = {
            tenant: DEFAULT_TENANT,
            threadId,
            turnId,
            sessionId,
            generation: 1,
            runtime: "puppet"
          }
          const { offer } = yield* ProviderRuntimeIngestion
          const texts = ["First.\n\nSec", "ond 👋 paragraph, sk-p", "roj-abcdefghij0123456789"]
          for (const [i, text] of texts.entries()) {
            yield* offer(claim, { sessionId, generation: 1, sourceSequence: i + 1 }, delta(text))
          }
          yield* kept(threadId, "paragraph, ", "[redacted]")
          return { claim, threadId }
        })
      )
      yield* first.crash
      yield* Effect.gen(function* () {
        const log = yield* EventLog
        const sessions = yield* RuntimeSessions
        const { offer } = yield* ProviderRuntimeIngestion
        expect((yield* log.cursor(claim.sessionId))?.through).toBe(1)
        yield* sessions.start(claim)
        yield* (yield* Puppet).next
        let sourceSequence = 1
        for (const text of [
          "on",
          "d ",
          "\ud83d",
          "\udc4b para",
          "graph, sk-proj-abcdef",
          "ghij0123456789klm",
          " end"
        ]) {
          yield* offer(claim, { ...claim, sourceSequence: ++sourceSequence }, delta(text))
        }
        yield* offer(claim, { ...claim, sourceSequence: ++sourceSequence }, { type: "turn.completed" })
        expect(yield* turnEnd(threadId, claim.turnId)).toBe("completed")
        expect(textOf(yield* viewOf(threadId))).toBe("First.\n\nSecond 👋 paragraph, [redacted] end")
        expect(yield* pieces).toBe(0)
      }).pipe(Effect.provide(layerSessions(soon)))
    }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
  )
})

describe("a database that goes away in mid-text", () => {
  it.live("T9 costs no character: sessions wait, and go on when it is back", () =>
    Effect.gen(function* () {
      const { name } = yield* TestDatabase
      const process = yield* startProcess
      const postgres = yield* outsider("postgres")
      yield* process.run(
        Effect.gen(function* () {
          const turns = yield* Effect.forEach(modes, (assistantDeliveryMode) =>
            begin({ assistantDeliveryMode })
          )
          const texts = Array.from({ length: 400 }, (_, i) => `delta ${i}, `)
          for (const turn of turns) {
            yield* turn.openStep
            yield* turn.emit(delta(texts[0]!))
            yield* kept(turn.threadId, texts[0]!)
          }
          yield* postgres.query(`alter database ${name} with allow_connections false`)
          yield* postgres.query(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1",
            [name]
          )
          const sources = yield* Effect.forEach(turns, (turn) =>
            Effect.gen(function* () {
              yield* Effect.forEach(texts.slice(1), (text) => turn.emit(delta(text)))
              yield* turn.emit({ type: "turn.completed" })
            }).pipe(Effect.forkChild({ startImmediately: true }))
          )
          // More than a lane holds, so that they all wait.
          yield* Effect.yieldNow
          expect(sources.map((source) => source.pollUnsafe())).toEqual([undefined, undefined, undefined])
          yield* postgres.query(`alter database ${name} with allow_connections true`)
          yield* Effect.forEach(sources, Fiber.join)
          for (const { threadId, turnId } of turns) {
            expect(yield* turnEnd(threadId, turnId)).toBe("completed")
            expect(textOf(yield* viewOf(threadId))).toBe(texts.join(""))
          }
        })
      )
      yield* process.stop
    }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
  )
})
