import { expect, layer } from "@effect/vitest"
import { CommandId, stepIdOf, TurnId } from "@spillway/contracts"
import { SpillwayHttpApi } from "@spillway/contracts/http-api"
import { EventLog } from "@spillway/orchestration"
import { Effect, Redacted } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import { HttpApiClient } from "effect/http-api"
import { createThread, newThreadId, startTurn } from "../../testing/commands.ts"
import { logOf, runningThread } from "../../testing/runningThread.ts"
import { layerTestServer } from "../../testing/TestServer.ts"
import { Listener } from "../Listener.ts"

/** What anybody gets who has the contract and nothing else. */
const clientWith = Effect.fnUntraced(function* (token: string) {
  const { address } = yield* Listener
  return yield* HttpApiClient.make(SpillwayHttpApi, {
    baseUrl: `http://${address}`,
    transformClient: HttpClient.mapRequest(HttpClientRequest.bearerToken(token))
  }).pipe(Effect.provide(FetchHttpClient.layer))
})

const client = clientWith("sesame")
const layerServer = layerTestServer({ token: Redacted.make("sesame") })

layer(layerServer, { excludeTestServices: true })("a client that is made from the contract", (it) => {
  it.effect("sends commands, and gets receipts or refusals with their tags", () =>
    Effect.gen(function* () {
      const { commands } = yield* client
      const threadId = newThreadId()
      const create = createThread(threadId)
      const accepted = { status: "accepted", commandId: create.commandId, threadId, version: 1 }
      expect(yield* commands.dispatch({ payload: create, headers: {} })).toEqual(accepted)
      const { commandId, ...withoutId } = create
      expect(
        yield* commands.dispatch({ payload: withoutId, headers: { "idempotency-key": commandId } })
      ).toEqual(accepted)
      const refused = yield* Effect.flip(
        commands.dispatch({ payload: withoutId, headers: { "idempotency-key": CommandId.make("another") } })
      )
      expect(refused).toMatchObject({
        _tag: "Conflict",
        code: "ThreadAlreadyExists",
        receipt: { status: "rejected", commandId: "another", rejection: { _tag: "ThreadAlreadyExists" } }
      })
      const nowhere = yield* Effect.flip(
        commands.dispatch({ payload: startTurn(newThreadId()), headers: {} })
      )
      expect(nowhere).toMatchObject({ _tag: "NotFound", code: "ThreadNotFound" })
    })
  )

  it.effect("reads threads, and what happened to them", () =>
    Effect.gen(function* () {
      const { threads } = yield* client
      const { append, runtime, threadId, version } = yield* runningThread
      yield* append("Hello")
      const params = { threadId }
      const { threads: listed } = yield* threads.list({ query: { limit: 200 } })
      const summary = yield* threads.get({ params })
      expect(listed).toContainEqual(summary)
      expect(summary).toMatchObject({ threadId, version: version(), activity: "working" })
      const { before, view } = yield* threads.view({ params, query: {} })
      expect({ before, version: view.version }).toEqual({ before: null, version: version() })
      expect(yield* threads.turns({ params, query: {} })).toEqual({ turns: view.turns, next: null })
      expect(yield* threads.messages({ params, query: { limit: 1 } })).toMatchObject({
        messages: [{ messageId: runtime.messageId, stepId: stepIdOf(runtime.turnId, 0), status: "open" }],
        next: runtime.messageId
      })
      expect((yield* threads.view({ params, query: { atVersion: 1 } })).view.turns).toEqual([])
      const page = yield* threads.events({ params, query: { after: 0, limit: 2 } })
      expect(page).toMatchObject({ version: version(), next: 2 })
      expect(page.events).toEqual(
        (yield* logOf(threadId)).slice(0, 2).map(({ hash: _, position: __, ...event }) => event)
      )
      expect((yield* threads.events({ params, query: { after: "tail" } })).events).toEqual([])
    })
  )

  it.effect("reads the log and the server, and searches", () =>
    Effect.gen(function* () {
      const { log, search, server } = yield* client
      const { threadId } = yield* runningThread
      const { logId, readLog } = yield* EventLog
      expect((yield* log.events({ query: { limit: 1_000 } })).events).toEqual(
        yield* readLog({ afterPosition: 0, limit: 1_000 })
      )
      expect(yield* server.info()).toMatchObject({
        logId,
        protocol: "spillway.v1",
        defaultRuntime: "scripted"
      })
      expect(yield* server.live()).toEqual({ status: "live" })
      expect((yield* server.ready()).status).toBe("ready")
      expect(yield* server.openapi()).toMatchObject({ openapi: "3.1.0" })
      expect(yield* server.asyncapi()).toMatchObject({ asyncapi: "3.0.0" })
      expect(yield* server.docs()).toMatch(/^<!doctype html>/)
      expect(yield* server.metrics()).toContain("# TYPE ")
      expect((yield* search({ query: { q: "hello", threadId } })).hits).toMatchObject([
        { type: "message", role: "user", snippet: { text: "hello", marks: [{ from: 0, to: 5 }] } }
      ])
    })
  )

  it.effect("gets each problem as an error of its own, with its code", () =>
    Effect.gen(function* () {
      const { threads } = yield* client
      const { threadId } = yield* runningThread
      const params = { threadId }
      const nobody = { params: { threadId: newThreadId() } }
      const cases = [
        [threads.get(nobody), "NotFound", "thread-not-found"],
        [threads.events({ params, query: { after: 99 } }), "Conflict", "cursor-invalid"],
        [threads.list({ query: { before: "nonsense" } }), "BadRequest", "request-invalid"],
        [(yield* clientWith("wrong")).threads.get({ params }), "Unauthorized", "unauthorized"]
      ] as const
      for (const [call, tag, code] of cases) {
        expect(yield* Effect.flip(call as Effect.Effect<unknown, unknown>)).toMatchObject({ _tag: tag, code })
      }
      // Pages before an unknown turn are empty, not wrong.
      const query = { before: TurnId.make("nobody") }
      expect(yield* threads.turns({ params, query })).toEqual({ turns: [], next: null })
    })
  )
})
