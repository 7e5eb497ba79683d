import { describe, expect, it } from "@effect/vitest"
import { CloseCode, type ServerFrame } from "@spillway/contracts"
import { Effect, Layer, Metric } from "effect"
import { PrometheusMetrics } from "effect/observability"
import { TestClock } from "effect/testing"
import { eventsOf, isCaughtUp, runningThread, subscribeTo } from "../testing/runningThread.ts"
import { readMetrics } from "../testing/readMetrics.ts"
import type { TestClient } from "../testing/TestClient.ts"
import { connectHere, layerTestServer } from "../testing/TestServer.ts"

const layerServer = Layer.provideMerge(
  layerTestServer(),
  Layer.sync(Metric.MetricRegistry, () => new Map())
)

/** What a series shows now; of a metric with a label, its values by that. */
const read = (name: string) =>
  Effect.map(PrometheusMetrics.format(), (text) => {
    const samples = readMetrics(text).get(name)?.samples ?? []
    const [first] = samples
    return first === undefined || Object.keys(first.labels).length === 0
      ? first?.value
      : Object.fromEntries(samples.map(({ labels, value }) => [Object.values(labels)[0], value]))
  })

/** Takes what still comes before a ping is answered. */
const settled = (client: TestClient) =>
  Effect.andThen(
    client.send({ type: "ping" }),
    client.until((frame) => frame.type === "pong")
  )

describe("the doors' metrics", () => {
  it.live("tell what is open, what is followed and what was sent", () =>
    Effect.gen(function* () {
      const { threadId } = yield* runningThread
      expect(yield* read("spillway_sockets")).toBe(0)
      const client = yield* connectHere()
      yield* subscribeTo(client, threadId, { afterVersion: 0 })
      const frames = [...(yield* client.until(isCaughtUp))]
      yield* client.send({ type: "subscribe", id: "log", subscription: { to: "log", from: "tail" } })
      frames.push(...(yield* client.until(isCaughtUp)))
      expect(yield* read("spillway_sockets")).toBe(1)
      expect(yield* read("spillway_paused_reads")).toBe(0)
      expect(yield* read("spillway_subscriptions")).toEqual({ thread: 1, threads: 0, log: 1 })
      const count = (type: ServerFrame["type"]) => frames.filter((frame) => frame.type === type).length
      expect(yield* read("spillway_frames_sent_total")).toMatchObject({
        welcome: 1,
        events: count("events"),
        "caught-up": 2,
        live: 0,
        error: 0
      })
      expect(yield* read("spillway_frames_sent_bytes_total")).toBeGreaterThan(
        frames.reduce((bytes, frame) => bytes + JSON.stringify(frame).length, 0)
      )
      yield* client.send({ type: "unsubscribe", id: "log" })
      yield* settled(client)
      expect(yield* read("spillway_subscriptions")).toEqual({ thread: 1, threads: 0, log: 0 })
    }).pipe(Effect.scoped, Effect.provide(layerServer))
  )

  it.effect("tell of clients that do not take what they are sent", () =>
    Effect.gen(function* () {
      const { append, live, threadId, version } = yield* runningThread
      const client = yield* connectHere({ acks: false })
      yield* subscribeTo(client, threadId, { afterVersion: version() })
      yield* client.until(isCaughtUp)
      expect(yield* read("spillway_credit_stalls_total")).toBe(0)
      yield* Effect.forEach(Array.from({ length: 1_200 }), () => append("x"))
      yield* client.until((frame) => (eventsOf([frame]).at(-1)?.version ?? 0) >= 512)
      yield* settled(client)
      live.say("not seen")
      expect(yield* read("spillway_credit_stalls_total")).toBe(1)
      expect(yield* read("spillway_reader_pauses_total")).toBe(1)
      expect(yield* read("spillway_stalled_closes_total")).toBe(0)
      yield* TestClock.adjust("32 seconds")
      expect((yield* client.closed).code).toBe(CloseCode.stalled)
      expect(yield* read("spillway_stalled_closes_total")).toBe(1)
      expect(yield* read("spillway_sockets")).toBe(0)
      expect(yield* read("spillway_subscriptions")).toEqual({ thread: 0, threads: 0, log: 0 })
    }).pipe(Effect.scoped, Effect.provide(layerServer))
  )

  it.live("tell of live text that was given up for want of room", () =>
    Effect.gen(function* () {
      const { append, live, threadId, version } = yield* runningThread
      const client = yield* connectHere({ acks: false })
      yield* subscribeTo(client, threadId, { afterVersion: version() })
      yield* client.until(isCaughtUp)
      live.say("seen")
      yield* client.expect("live")
      const before = version()
      yield* Effect.forEach(Array.from({ length: 512 }), () => append("x"))
      yield* client.until((frame) => (eventsOf([frame]).at(-1)?.version ?? 0) >= before + 512)
      live.say("not seen")
      live.say("nor this")
      expect(yield* read("spillway_live_frames_dropped_total")).toBe(1)
      expect(yield* read("spillway_live_frames_published_total")).toBe(3)
    }).pipe(Effect.scoped, Effect.provide(layerServer))
  )
})
