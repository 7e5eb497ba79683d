import { describe, expect, it } from "@effect/vitest"
import { CloseCode, COMMAND_TEXT_LIMIT, FRAME_LIMIT, PROTOCOL } from "@spillway/contracts"
import { EventLog } from "@spillway/orchestration"
import { Effect, Redacted } from "effect"
import { connectHere, layerTestServer } from "../../testing/TestServer.ts"
import { VERSION } from "../../version.ts"

const hello = { type: "hello", protocol: PROTOCOL } as const
const layerWithToken = layerTestServer({ token: Redacted.make("sesame") })

describe("hello", () => {
  it.live("is answered by a welcome that names the log and the limits", () =>
    Effect.gen(function* () {
      const client = yield* connectHere({ hello: false })
      yield* client.send(hello)
      expect(yield* client.expect("welcome")).toEqual({
        type: "welcome",
        protocol: PROTOCOL,
        logId: (yield* EventLog).logId,
        server: `spillway/${VERSION}`,
        defaultRuntime: "scripted",
        limits: {
          frameBytes: FRAME_LIMIT,
          textLength: COMMAND_TEXT_LIMIT,
          subscriptions: 64,
          creditEvents: 512,
          creditBytes: 262_144,
          stallSeconds: 30,
          helloSeconds: 10,
          commandsInFlight: 64,
          framesPerSecond: 1_000,
          frameBurst: 2_000,
          wrongFrames: 1_000,
          jsonDepth: 64,
          sockets: 4_096,
          streams: 1_024,
          requests: 1_024
        }
      })
    }).pipe(Effect.provide(layerTestServer()))
  )

  it.live("of an unknown protocol gets an error that names the one spoken here, not silence", () =>
    Effect.gen(function* () {
      const client = yield* connectHere({ hello: false })
      yield* client.send({ type: "hello", protocol: "spillway.v2" })
      expect(yield* client.expect("error")).toMatchObject({
        code: "unsupported-protocol",
        message: expect.stringContaining(PROTOCOL)
      })
      expect((yield* client.closed).code).toBe(CloseCode.unsupportedProtocol)
    }).pipe(Effect.provide(layerTestServer()))
  )

  it.live("must come first", () =>
    Effect.gen(function* () {
      const client = yield* connectHere({ hello: false })
      yield* client.send({ type: "ping" })
      expect((yield* client.expect("error")).code).toBe("hello-expected")
      expect((yield* client.closed).code).toBe(CloseCode.helloExpected)
    }).pipe(Effect.provide(layerTestServer()))
  )

  it.live("with a wrong token, or without one, is refused in a sentence that says what to send", () =>
    Effect.gen(function* () {
      for (const token of ["sesam", "", undefined]) {
        const client = yield* connectHere({ hello: false })
        yield* client.send({ ...hello, ...(token !== undefined && { token }) })
        expect(yield* client.expect("error")).toMatchObject({
          code: "unauthorized",
          message: expect.stringContaining("SPILLWAY_TOKEN")
        })
        expect((yield* client.closed).code).toBe(CloseCode.unauthorized)
      }
      // The server is none the worse for it.
      yield* connectHere({ token: "sesame" })
    }).pipe(Effect.provide(layerWithToken))
  )

  it.live("needs no token when the upgrade carried it as a bearer token", () =>
    Effect.gen(function* () {
      const client = yield* connectHere({ hello: false, headers: { authorization: "Bearer sesame" } })
      yield* client.send(hello)
      yield* client.expect("welcome")
      const refused = yield* Effect.flip(connectHere({ headers: { authorization: "Bearer open" } }))
      expect(refused).toMatchObject({ status: 401, body: expect.stringContaining("SPILLWAY_TOKEN") })
    }).pipe(Effect.provide(layerWithToken))
  )
})

describe("the Origin header", () => {
  it.live("of a foreign page is refused with 403 and a sentence that says what to do", () =>
    Effect.gen(function* () {
      for (const origin of ["https://evil.example", "null", "http://localhost.evil.example", "file://"]) {
        const refused = yield* Effect.flip(connectHere({ headers: { origin } }))
        expect(refused.status).toBe(403)
        expect(JSON.parse(refused.body)).toMatchObject({
          code: "origin-not-allowed",
          detail: expect.stringContaining("SPILLWAY_ALLOWED_ORIGINS")
        })
      }
    }).pipe(Effect.provide(layerTestServer()))
  )

  it.live("of a loopback page, or of one that was allowed, is let in", () =>
    Effect.gen(function* () {
      for (const origin of [
        "http://localhost:5173",
        "http://127.0.0.1:4000",
        "http://[::1]:4000",
        "https://ours.example"
      ]) {
        yield* connectHere({ headers: { origin } })
      }
    }).pipe(Effect.provide(layerTestServer({ allowedOrigins: ["https://ours.example"] })))
  )

  it.live("of the server's own host counts only where a token is asked for", () =>
    Effect.gen(function* () {
      const sameHost = { origin: "http://rebound.example:4000", host: "rebound.example:4000" }
      yield* connectHere({ headers: sameHost, token: "sesame" }).pipe(Effect.provide(layerWithToken))
      const refused = yield* Effect.flip(
        connectHere({ headers: sameHost }).pipe(Effect.provide(layerTestServer()))
      )
      expect(refused).toMatchObject({ status: 403 })
    })
  )
})
