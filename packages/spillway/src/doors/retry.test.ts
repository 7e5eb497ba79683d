import { PgConnection } from "@effect/sql-pg"
import { expect, it } from "@effect/vitest"
import {
  CommandId,
  modelHistory,
  type ThreadId,
  type ThreadView,
  timeline,
  TurnId
} from "@spillway/contracts"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { Effect, Exit, Layer, Scope } from "effect"
import { createThread, newThreadId, startTurn } from "../testing/commands.ts"
import { request } from "../testing/httpRequest.ts"
import { connectHere } from "../testing/TestServer.ts"
import { layerServer } from "../testing/TestSpillway.ts"

/** A process that can be gone from one moment to the next: nothing of it is committed any more. */
const startServer = Effect.gen(function* () {
  const { url } = yield* TestDatabase
  const scope = yield* Scope.make()
  const context = yield* Layer.buildWithScope(layerServer, scope)
  const close = Scope.close(scope, Exit.void)
  return {
    run: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.provideContext(effect, context),
    close,
    crash: Effect.gen(function* () {
      const database = yield* PgConnection.make({ url, startupParameters: { search_path: "spillway" } })
      yield* database.query("update node_lease set epoch = epoch + 1, owner = 'nobody', process = null")
      yield* close
      yield* database.query("update node_lease set owner = null")
    })
  }
})

const send = (body: unknown) => request("/v1/commands", { body })

const retry = (threadId: ThreadId, retryOf: TurnId, turn: string) =>
  ({
    type: "thread.turn.retry",
    commandId: CommandId.make(`retry-${turn}`),
    threadId,
    turnId: TurnId.make(turn),
    retryOf
  }) as const

const viewOf = (threadId: ThreadId) =>
  Effect.map(request(`/v1/threads/${threadId}/view`), ({ json }): ThreadView => json.view ?? json)

/** A client that has the thread's events, from the first one on. */
const follow = Effect.fnUntraced(function* (threadId: ThreadId) {
  const client = yield* connectHere()
  yield* client.send({
    type: "subscribe",
    id: threadId,
    subscription: { to: "thread", threadId, from: { afterVersion: 0 } }
  })
  const types: Array<string> = []
  return {
    until: (type: string) =>
      client.until((frame) => {
        if (frame.type === "events") types.push(...frame.events.map((event) => event.type))
        return types.includes(`thread.${type}`)
      })
  }
})

it.live(
  "A8 a turn that a crash interrupted is retried in its mode, by HTTP or websocket; the old attempt leaves the timeline and not the log",
  () =>
    Effect.gen(function* () {
      const threadId = newThreadId()
      const start = startTurn(threadId, {
        text: "write for ever",
        assistantDeliveryMode: "paragraph",
        choice: {
          runtime: "scripted",
          options: { script: "stream", deltas: 100_000, deltaSize: 500, intervalMs: 5 }
        }
      })
      const first = yield* startServer
      yield* first.run(
        Effect.gen(function* () {
          yield* send(createThread(threadId))
          const { until } = yield* follow(threadId)
          expect((yield* send(start)).status).toBe(200)
          yield* until("message-segment-appended")
          // It runs: a retry is refused, and says what to do.
          expect(yield* send(retry(threadId, start.turnId, "too-soon"))).toMatchObject({
            status: 409,
            json: { code: "TurnNotRetryable", detail: expect.stringContaining("Interrupt it first") }
          })
        })
      )
      yield* first.crash

      const second = yield* startServer
      yield* second.run(
        Effect.gen(function* () {
          const { until } = yield* follow(threadId)
          const client = yield* connectHere()
          yield* until("turn-interrupted")
          const left = yield* viewOf(threadId)
          expect(left.turns).toMatchObject([{ status: "interrupted", reason: "server-restarted" }])

          expect((yield* send(retry(threadId, start.turnId, "again"))).status).toBe(200)
          yield* client.send({ type: "command", command: retry(threadId, start.turnId, "and-again") })
          expect((yield* client.expect("receipt")).receipt).toMatchObject({
            status: "rejected",
            rejection: { _tag: "TurnNotRetryable" }
          })
          const interrupt = (turn: string) => ({
            type: "thread.turn.interrupt",
            commandId: CommandId.make(`interrupt-${turn}`),
            threadId,
            turnId: turn
          })
          expect((yield* send(interrupt("again"))).status).toBe(200)
          const { json } = yield* request(`/v1/threads/${threadId}/events?after=0&limit=500`)
          expect(
            json.events.filter(({ type }: { type: string }) => type === "thread.turn-start-requested")
          ).toMatchObject([
            { data: { assistantDeliveryMode: "paragraph" } },
            { data: { assistantDeliveryMode: "paragraph", retryOf: start.turnId } }
          ])
          const view = yield* viewOf(threadId)
          const old = left.turns[0]!.messages.map(({ messageId }) => messageId)
          expect(view.turns.flatMap(({ messages }) => messages).map(({ messageId }) => messageId)).toEqual(
            expect.arrayContaining(old)
          )
          const shown = timeline(view).map(({ messageId }) => messageId)
          expect(shown.filter((messageId) => old.includes(messageId))).toEqual([start.messageId])
          expect(JSON.stringify(modelHistory(view)).split("write for ever")).toHaveLength(2)
        })
      )
      yield* second.close
    }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
)
