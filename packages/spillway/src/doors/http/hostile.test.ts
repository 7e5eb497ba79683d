import { describe, expect, it } from "@effect/vitest"
import { COMMAND_TEXT_LIMIT } from "@spillway/contracts"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { createThread, newThreadId, startTurn } from "../../testing/commands.ts"
import { round } from "../../testing/heldBytes.ts"
import { request } from "../../testing/httpRequest.ts"
import { rawSocket } from "../../testing/rawSocket.ts"
import { layerTestServer } from "../../testing/TestServer.ts"
import { Patience } from "../Listener.ts"

/** As in a server, and far more hasty, though not so much that a busy machine is too slow for it. */
const layerHasty = Layer.provide(
  layerTestServer(),
  Layer.succeed(Patience, {
    headersTimeout: 500,
    requestTimeout: 1_000,
    keepAliveTimeout: 500,
    connectionsCheckingInterval: 50
  })
)

/** The statuses of the answers, in the order in which they came. */
const statuses = (heard: string) =>
  Array.from(heard.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, code]) => Number(code))

const codes = (heard: string) => Array.from(heard.matchAll(/"code":"([\w-]+)"/g), ([, code]) => code)

describe("E6 a client of HTTP that means harm", () => {
  it.live("E6 and sends its headers byte by byte is told so and hung up on, while others are served", () =>
    Effect.gen(function* () {
      const { heard, socket, write } = yield* rawSocket()
      const text = "GET /v1/info HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
      for (let i = 0; !socket.closed; i++) {
        yield* write(text[i] ?? "x")
        expect((yield* request("/health/live")).status).toBe(200)
      }
      expect(statuses(heard())).toEqual([408])
      expect(codes(heard())).toEqual(["request-too-slow"])
    }).pipe(Effect.scoped, Effect.provide(layerHasty))
  )

  it.live("E6 and sends its body byte by byte is told so and hung up on", () =>
    Effect.gen(function* () {
      const { heard, socket, write } = yield* rawSocket()
      yield* write("POST /v1/commands HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n")
      while (!socket.closed) {
        yield* write(" ")
        expect((yield* request("/health/live")).status).toBe(200)
      }
      expect(statuses(heard())).toEqual([408])
    }).pipe(Effect.scoped, Effect.provide(layerHasty))
  )

  it.effect("E6 and does not take its answer is hung up on", () =>
    Effect.gen(function* () {
      const threadId = newThreadId()
      yield* request("/v1/commands", { body: createThread(threadId) })
      const text = "語".repeat(COMMAND_TEXT_LIMIT)
      for (let i = 0; i < 100; i++) {
        yield* request("/v1/commands", { body: startTurn(threadId, { text }) })
      }
      let seconds = 0
      const { socket, write } = yield* rawSocket({ reads: false })
      yield* write(`GET /v1/threads/${threadId}/messages?limit=100 HTTP/1.1\r\nHost: localhost\r\n\r\n`)
      // What it sends is no sign that it takes anything.
      while (!socket.closed) {
        yield* write("\r\n")
        yield* TestClock.adjust("1 second")
        yield* round
        seconds += 1
      }
      expect(seconds).toBeGreaterThanOrEqual(30)
      expect(socket.bytesRead).toBeLessThan(100_000)
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live("and sends requests without waiting gets answers to a few of them, and 503 to the rest", () =>
    Effect.gen(function* () {
      const { heard, write } = yield* rawSocket()
      yield* write("GET /v1/info HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100))
      while (statuses(heard()).length < 100) yield* round
      const said = statuses(heard())
      expect(new Set(said)).toEqual(new Set([200, 503]))
      expect(said.filter((status) => status === 200).length).toBeGreaterThanOrEqual(16)
      expect(codes(heard())[0]).toBe("at-capacity")
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live("E7 and asks with HEAD for what can't be read gets no body, which nobody would expect", () =>
    Effect.gen(function* () {
      const { untilClosed, write } = yield* rawSocket()
      yield* write(`HEAD /v1/search?q=${"x".repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
      expect(yield* untilClosed).toMatch(/^HTTP\/1\.1 431 [\s\S]*\r\n\r\n$/)
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  for (const { name, request, status } of [
    {
      name: "a Content-Length beside a Transfer-Encoding",
      request:
        "POST /v1/commands HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      status: 400
    },
    {
      name: "two different Content-Lengths",
      request:
        "POST /v1/commands HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
      status: 400
    },
    {
      name: "a header that goes over several lines",
      request: "GET /v1/info HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n c\r\n\r\n",
      status: 400
    },
    {
      name: "a query longer than anybody needs",
      request: `GET /v1/search?q=${"x".repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      status: 431
    },
    {
      name: "no host",
      request: "GET /v1/info HTTP/1.1\r\nConnection: close\r\n\r\n",
      status: 400
    },
    {
      name: "an expectation that there is not",
      request: "GET /v1/info HTTP/1.1\r\nHost: localhost\r\nExpect: miracles\r\nConnection: close\r\n\r\n",
      status: 200
    },
    {
      name: "CONNECT",
      request: "CONNECT example.com:443 HTTP/1.1\r\nHost: localhost\r\n\r\n",
      status: 405
    },
    {
      name: "an address that is not encoded",
      request: "GET /v1/threads/%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
      status: 400
    }
  ]) {
    it.live(`E7 and sends ${name} gets ${status} and nothing else happens`, () =>
      Effect.gen(function* () {
        const { untilClosed, write } = yield* rawSocket()
        yield* write(request)
        expect(statuses(yield* untilClosed)).toEqual([status])
      }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
    )
  }
})
