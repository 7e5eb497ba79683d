import { describe, expect, it } from "@effect/vitest"
import { FRAME_LIMIT } from "@spillway/contracts"
import { ThreadEngine } from "@spillway/orchestration"
import { Deferred, Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { connect, type Socket } from "node:net"
import { createThread, newThreadId } from "../../testing/commands.ts"
import { request } from "../../testing/httpRequest.ts"
import { layerTestServer } from "../../testing/TestServer.ts"
import { Doors } from "../Doors.ts"
import { Listener } from "../Listener.ts"

/** A connection that says what it likes. */
const rawSocket = Effect.gen(function* () {
  const { port } = yield* Listener
  const socket = yield* Effect.acquireRelease(
    Effect.callback<Socket>((resume) => {
      const socket = connect(port, "127.0.0.1", () => resume(Effect.succeed(socket)))
      socket.on("error", () => {})
    }),
    (socket) => Effect.sync(() => socket.destroy())
  )
  let heard = ""
  socket.on("data", (chunk: Buffer) => (heard += chunk.toString("utf8")))
  return {
    write: (text: string) => Effect.sync(() => void socket.write(text)),
    /** Everything that the server says until it hangs up. */
    untilClosed: Effect.callback<string>((resume) => {
      if (socket.closed) resume(Effect.succeed(heard))
      socket.once("close", () => resume(Effect.succeed(heard)))
    })
  }
})

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
      const socket = yield* rawSocket
      yield* socket.write(post(`Content-Length: ${10 * 1024 * 1024}`))
      const answer = yield* socket.untilClosed
      expect(answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*connection: close/i)
      expect(bodyOf(answer)).toMatchObject({ status: 413, code: "body-too-large" })
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live("and sends chunks without an end is turned away at the limit", () =>
    Effect.gen(function* () {
      const socket = yield* rawSocket
      yield* socket.write(post("Transfer-Encoding: chunked"))
      const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`
      for (let sent = 0; sent <= FRAME_LIMIT; sent += 0x10000) yield* socket.write(chunk)
      const answer = yield* socket.untilClosed
      expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.effect("and leaves the server waiting for its body is turned away after 30 seconds", () =>
    Effect.gen(function* () {
      const socket = yield* rawSocket
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
      const socket = yield* rawSocket
      yield* socket.write("hello?\r\n\r\n")
      const answer = yield* socket.untilClosed
      expect(answer).toMatch(/^HTTP\/1\.1 400 /)
      expect(bodyOf(answer)).toMatchObject({ code: "request-invalid" })
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live("and sends more headers than anybody needs is told so", () =>
    Effect.gen(function* () {
      const socket = yield* rawSocket
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
          const socket = yield* rawSocket
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

describe("a server that stops", () => {
  it.live("answers what is under way, and turns away what comes", () =>
    Effect.gen(function* () {
      const reached = yield* Deferred.make<void>()
      const go = yield* Deferred.make<void>()
      const slow = Layer.effect(
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
      }).pipe(Effect.provide(layerTestServer({}, undefined, undefined, slow)))
    })
  )
})
