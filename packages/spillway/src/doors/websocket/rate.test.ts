import { describe, expect, it } from "@effect/vitest"
import { CloseCode } from "@spillway/contracts"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { round } from "../../testing/heldBytes.ts"
import { request } from "../../testing/httpRequest.ts"
import { openStream } from "../../testing/TestEventStream.ts"
import { connectHere, layerTestServer } from "../../testing/TestServer.ts"
import { Doors } from "../Doors.ts"

describe("a websocket client that sends more than it may", () => {
  it.effect("E6 is read at its rate: the rest waits unread, nothing is lost, and others do not wait", () =>
    Effect.gen(function* () {
      const eager = yield* connectHere()
      const other = yield* connectHere()
      let pongs = 0
      eager.socket.on("message", (data: Buffer) => {
        if (data.toString("utf8").includes("pong")) pongs += 1
      })
      // More than one read of the socket holds, so that some of it is still outside when its allowance is used up.
      const frame = JSON.stringify({ type: "ping", x: "x".repeat(1_000) })
      const sent = 600
      for (let i = 0; i < sent; i++) yield* eager.send(frame)
      for (let i = 0; i < 3; i++) {
        yield* other.send({ type: "ping" })
        yield* other.until(({ type }) => type === "pong")
      }
      expect(pongs).toBeLessThan(200)
      let seconds = 0
      while (pongs < sent) {
        yield* TestClock.adjust("1 second")
        seconds += 1
        for (let i = 0; i < 20; i++) yield* round
      }
      expect(seconds).toBeGreaterThanOrEqual(8)
    }).pipe(Effect.scoped, Effect.provide(layerTestServer({ framesPerSecond: 50 })))
  )

  it.effect("counts a long frame as several", () =>
    Effect.gen(function* () {
      const client = yield* connectHere()
      yield* client.send({ type: "ping", x: "x".repeat(100 * 4_096) })
      yield* client.expect("pong")
      yield* client.send({ type: "ping" })
      for (let i = 0; i < 50; i++) yield* round
      yield* TestClock.adjust("3 seconds")
      yield* client.expect("pong")
    }).pipe(Effect.scoped, Effect.provide(layerTestServer({ framesPerSecond: 40 })))
  )

  it.live("is sent away with 4429 once a thousand of its frames were wrong", () =>
    Effect.gen(function* () {
      const client = yield* connectHere()
      for (let i = 0; i < 1_100; i++) yield* client.send("{")
      const frames = yield* client.until((frame) => frame.type === "error" && frame.code === "rate-exceeded")
      expect(frames.length).toBeGreaterThan(1_000)
      expect((yield* client.closed).code).toBe(CloseCode.rateExceeded)
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )
})

describe("one client more than the process takes", () => {
  it.live("E6 is told so with 503 and when to come again: a websocket, an event stream", () =>
    Effect.gen(function* () {
      const doors = yield* Doors
      const first = yield* connectHere()
      const refused = yield* Effect.flip(connectHere())
      expect(refused.status).toBe(503)
      expect(JSON.parse(refused.body)).toMatchObject({
        code: "at-capacity",
        retryable: true,
        detail: expect.stringContaining("SPILLWAY_MAX_SOCKETS")
      })
      first.socket.terminate()
      while (doors.connections() > 0) yield* round
      yield* connectHere()

      const stream = yield* openStream("/v1/log/events")
      while (doors.eventStreams().open === 0) yield* round
      const headers = { accept: "text/event-stream" }
      expect(yield* request("/v1/log/events", { headers })).toMatchObject({
        status: 503,
        headers: { "retry-after": "1" },
        json: { code: "at-capacity", detail: expect.stringContaining("SPILLWAY_MAX_STREAMS") }
      })
      yield* stream.leave
      while (doors.eventStreams().open > 0) yield* round
      yield* openStream("/v1/log/events")
    }).pipe(Effect.scoped, Effect.provide(layerTestServer({ maxSockets: 1, maxStreams: 1 })))
  )
})
