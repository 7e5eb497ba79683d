import { describe, expect, it } from "@effect/vitest"
import { COMMAND_TEXT_LIMIT, FRAME_LIMIT } from "@spillway/contracts"
import { ThreadEngine } from "@spillway/orchestration"
import { Context, Deferred, Effect, Exit, Fiber, Layer, Scope } from "effect"
import { TestClock } from "effect/testing"
import { get, type IncomingMessage } from "node:http"
import { createThread, newThreadId, startTurn } from "../../testing/commands.ts"
import { request } from "../../testing/httpRequest.ts"
import { rawSocket } from "../../testing/rawSocket.ts"
import { layerTestServer } from "../../testing/TestServer.ts"
import { Doors } from "../Doors.ts"
import { Listener } from "../Listener.ts"

const post = (...headers: ReadonlyArray<string>) =>
  [
    "POST /v1/commands HTTP/1.1",
    "Host: localhost",
    "Content-Type: application/json",
    ...headers,
    "",
    ""
  ].join("\r\n")

const bodyOf = (answer: string) =>
  JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4)) as Record<string, unknown>

describe("a client that misbehaves", () => {
  it.live("and says that it will send 10 MB is turned away before it has", () =>
    Effect.gen(function* () {
      const socket = yield* rawSocket()
      yield* socket.write(post(`Content-Length: ${10 * 1024 * 1024}`))
      const answer = yield* socket.untilClosed
      expect(answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*connection: close/i)
      expect(bodyOf(answer)).toMatchObject({ status: 413, code: "body-too-large" })
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live("and sends chunks without an end is turned away at the limit", () =>
    Effect.gen(function* () {
      const socket = yield* rawSocket()
      yield* socket.write(post("Transfer-Encoding: chunked"))
      const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`
      for (let sent = 0; sent <= FRAME_LIMIT; sent += 0x10000) yield* socket.write(chunk)
      const answer = yield* socket.untilClosed
      expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.effect("and leaves the server waiting for its body is turned away after 30 seconds", () =>
    Effect.gen(function* () {
      const socket = yield* rawSocket()
      yield* socket.write(post("Content-Length: 1000"))
      yield* socket.write('{"type":')
      const answer = yield* Effect.forkChild(socket.untilClosed, { startImmediately: true })
      // Other requests come and go meanwhile.
      const others = Effect.andThen(TestClock.adjust("10 seconds"), request("/health/live"))
      const said = yield* Effect.raceFirst(Fiber.join(answer), Effect.forever(others))
      expect(said).toMatch(/^HTTP\/1\.1 408 /)
      expect(bodyOf(said)).toMatchObject({ code: "request-too-slow", retryable: true })
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live("and does not speak HTTP is told so", () =>
    Effect.gen(function* () {
      const socket = yield* rawSocket()
      yield* socket.write("hello?\r\n\r\n")
      const answer = yield* socket.untilClosed
      expect(answer).toMatch(/^HTTP\/1\.1 400 /)
      expect(bodyOf(answer)).toMatchObject({ code: "request-invalid" })
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live("and sends more headers than anybody needs is told so", () =>
    Effect.gen(function* () {
      const socket = yield* rawSocket()
      yield* socket.write(`GET /v1/info HTTP/1.1\r\nHost: localhost\r\nX-Much: ${"x".repeat(20_000)}\r\n\r\n`)
      const answer = yield* socket.untilClosed
      expect(answer).toMatch(/^HTTP\/1\.1 431 /)
      expect(bodyOf(answer)).toMatchObject({ code: "headers-too-large" })
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live("and leaves in mid-command stops nothing", () =>
    Effect.gen(function* () {
      const threadId = newThreadId()
      const body = JSON.stringify(createThread(threadId))
      yield* Effect.scoped(
        Effect.gen(function* () {
          const socket = yield* rawSocket()
          yield* socket.write(post(`Content-Length: ${body.length}`) + body)
        })
      )
      // The same command, sent again, finds the one that was left behind, or is the first.
      expect((yield* request("/v1/commands", { body })).json).toMatchObject({
        status: "accepted",
        version: 1
      })
    }).pipe(Effect.provide(layerTestServer()))
  )
})

describe("a client that offers another protocol with each request", () => {
  it.live("is answered in this one", () =>
    Effect.gen(function* () {
      const headers = { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "AAEAAEAA" }
      const body = createThread(newThreadId())
      expect(yield* request("/v1/commands", { headers, body })).toMatchObject({
        status: 200,
        json: { status: "accepted" }
      })
      expect((yield* request(`/v1/threads/${body.threadId}`, { headers })).status).toBe(200)
    }).pipe(Effect.provide(layerTestServer()))
  )
})

/** An engine that tells of a command that reached it, and goes on when it is let. */
const slowEngine = (reached: Deferred.Deferred<void>, go: Deferred.Deferred<void>) =>
  Layer.effect(
    ThreadEngine,
    Effect.map(ThreadEngine, (engine) =>
      ThreadEngine.of({
        ...engine,
        dispatch: (origin, command) =>
          Deferred.succeed(reached, undefined).pipe(
            Effect.andThen(Deferred.await(go)),
            Effect.andThen(engine.dispatch(origin, command))
          )
      })
    )
  )

describe("a server that stops", () => {
  it.live("sends the receipt of a command that was under way before it hangs up", () =>
    Effect.gen(function* () {
      const reached = yield* Deferred.make<void>()
      const go = yield* Deferred.make<void>()
      const scope = yield* Scope.make()
      const server = layerTestServer({}, undefined, undefined, slowEngine(reached, go))
      const services = yield* Layer.buildWithScope(server, scope)
      const body = createThread(newThreadId())
      const underWay = yield* Effect.forkChild(
        Effect.provideContext(request("/v1/commands", { body }), services)
      )
      yield* Deferred.await(reached)
      const stopping = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
      yield* Deferred.succeed(go, undefined)
      expect((yield* Fiber.join(underWay)).json).toMatchObject({ status: "accepted" })
      yield* Fiber.join(stopping)
    })
  )

  it.live("lets a client take the answer that it is taking", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const services = yield* Layer.buildWithScope(layerTestServer(), scope)
      const send = (body: unknown) => Effect.provideContext(request("/v1/commands", { body }), services)
      const threadId = newThreadId()
      yield* send(createThread(threadId))
      const text = "語".repeat(COMMAND_TEXT_LIMIT)
      for (let i = 0; i < 100; i++) yield* send(startTurn(threadId, { text }))
      const { port } = Context.get(services, Listener)
      const response = yield* Effect.callback<IncomingMessage>((resume) => {
        const path = `/v1/threads/${threadId}/messages?limit=100`
        get({ host: "127.0.0.1", port, path, agent: false }, (response) => resume(Effect.succeed(response)))
      })
      const stopping = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
      const bytes = yield* Effect.promise(async () => {
        let bytes = 0
        for await (const chunk of response) bytes += (chunk as Buffer).length
        return bytes
      })
      expect(bytes).toBe(Number(response.headers["content-length"]))
      yield* Fiber.join(stopping)
    })
  )

  it.live("answers what is under way, and turns away what comes", () =>
    Effect.gen(function* () {
      const reached = yield* Deferred.make<void>()
      const go = yield* Deferred.make<void>()
      yield* Effect.gen(function* () {
        const doors = yield* Doors
        const underWay = yield* Effect.forkChild(
          request("/v1/commands", { body: createThread(newThreadId()) })
        )
        yield* Deferred.await(reached)
        const stopping = yield* Effect.forkChild(doors.shutDown, { startImmediately: true })
        expect(yield* request("/v1/threads")).toMatchObject({
          status: 503,
          headers: { "retry-after": "1", connection: "close" },
          json: { code: "unavailable", retryable: true }
        })
        yield* Deferred.succeed(go, undefined)
        expect((yield* Fiber.join(underWay)).json).toMatchObject({ status: "accepted" })
        yield* Fiber.join(stopping)
      }).pipe(Effect.provide(layerTestServer({}, undefined, undefined, slowEngine(reached, go))))
    })
  )
})
