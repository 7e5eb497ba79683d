/** The metrics of a whole server, as Prometheus reads them, held against the table that names them. */
import { describe, expect, it } from "@effect/vitest"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { isTurnEnd, type ServerFrame } from "@spillway/contracts"
import { type MetricDefinition, metrics } from "@spillway/orchestration"
import { Effect, Layer, Metric } from "effect"
import { Listener } from "../doors/Listener.ts"
import { createThread, newThreadId, respondTo, startTurn } from "../testing/commands.ts"
import { readMetrics } from "../testing/readMetrics.ts"
import { subscribeTo } from "../testing/runningThread.ts"
import type { TestClient } from "../testing/TestClient.ts"
import { connectHere } from "../testing/TestServer.ts"
import { layerServer } from "../testing/TestSpillway.ts"

const layerTest = Layer.provideMerge(
  layerServer,
  Layer.merge(
    TestDatabase.layer,
    Layer.sync(Metric.MetricRegistry, () => new Map())
  )
)

const scrape = Effect.gen(function* () {
  const { address } = yield* Listener
  const families = readMetrics(
    yield* Effect.promise(async () => (await fetch(`http://${address}/metrics`)).text())
  )
  return {
    families,
    value: (name: string, label = "") =>
      families.get(name)?.samples.find(({ labels }) => label === (Object.values(labels)[0] ?? ""))?.value
  }
})

/** Reads the page until it says so. */
const until = (says: (page: Effect.Success<typeof scrape>) => boolean) =>
  Effect.repeat(scrape, { until: says })

const watchedThread = Effect.fnUntraced(function* (client: TestClient) {
  const threadId = newThreadId()
  yield* client.send({ type: "command", command: createThread(threadId) })
  yield* client.expect("receipt")
  yield* subscribeTo(client, threadId, { afterVersion: 0 })
  return threadId
})

const hasEnd = (frame: ServerFrame) => frame.type === "events" && frame.events.some(isTurnEnd)

const all: ReadonlyArray<MetricDefinition> = Object.values(metrics)

describe("the metrics of a whole server", () => {
  it.live("are all that the table names, of its kinds, with its words and its labels", () =>
    Effect.gen(function* () {
      const client = yield* connectHere()
      const threadId = yield* watchedThread(client)
      yield* client.send({
        type: "command",
        command: startTurn(threadId, {
          assistantDeliveryMode: "streaming",
          choice: { options: { script: "tools" } }
        })
      })
      yield* client.until(hasEnd)
      const { families } = yield* until(
        ({ value }) => value("spillway_projection_lag_positions", "threads") === 0
      )
      for (const { kind, label, meaning, name } of all) {
        const family = families.get(name)
        expect([name, family?.type, family?.help]).toEqual([name, kind, meaning])
        const seen = new Set(
          family!.samples.map(({ labels }) => (label === null ? undefined : labels[label.name]))
        )
        if (label === null) expect([name, [...seen]]).toEqual([name, [undefined]])
        else if (label.values.length > 0) expect([name, [...seen]]).toEqual([name, [...label.values]])
        else expect(seen.has(undefined)).toBe(false)
      }
    }).pipe(Effect.scoped, Effect.provide(layerTest))
  )

  it.live("follow a turn that asks a person, from its start to its end", () =>
    Effect.gen(function* () {
      const client = yield* connectHere()
      const threadId = yield* watchedThread(client)
      yield* client.send({
        type: "command",
        command: startTurn(threadId, { choice: { options: { script: "approval" } } })
      })
      const frames = yield* client.until(
        (frame) =>
          frame.type === "events" && frame.events.some(({ type }) => type === "thread.request-opened")
      )
      const asked = frames
        .flatMap((frame) => (frame.type === "events" ? frame.events : []))
        .find((event) => event.type === "thread.request-opened")!
      const parked = yield* until(({ value }) => value("spillway_active_turns", "parked") === 1)
      expect(parked.value("spillway_active_turns", "running")).toBe(0)
      expect(parked.value("spillway_sessions")).toBe(1)
      expect(parked.value("spillway_lanes")).toBe(1)
      expect(parked.value("spillway_lease_held")).toBe(1)
      expect(parked.value("spillway_turns_total", "completed")).toBe(0)

      yield* client.send({ type: "command", command: respondTo(threadId, asked.data.requestId) })
      yield* client.until(hasEnd)
      const { value } = yield* until(({ value }) => value("spillway_sessions") === 0)
      expect(value("spillway_turns_total", "completed")).toBe(1)
      expect(value("spillway_active_turns", "parked")).toBe(0)
      expect(value("spillway_active_turns", "running")).toBe(0)
      expect(value("spillway_tool_calls_total", "completed")).toBeGreaterThan(0)
      expect(value("spillway_tokens_total", "output")).toBeGreaterThan(0)
      expect(value("spillway_text_flushes_total", "close")).toBeGreaterThan(0)
      expect(value("spillway_ingestion_budget_used_events")).toBe(0)
      expect(value("spillway_ingestion_budget_limit_events")).toBe(1_024)
      expect(value("spillway_frames_sent_total", "receipt")).toBe(3)
      // The only process of this log.
      expect(value("spillway_events_committed_total")).toBe(value("spillway_log_head"))
    }).pipe(Effect.scoped, Effect.provide(layerTest))
  )
})
