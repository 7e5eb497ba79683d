import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Metric, Stream } from "effect"
import { PrometheusMetrics } from "effect/observability"
import { EventLog } from "../EventLog.ts"
import * as Memory from "../memory/Memory.ts"
import { Publisher } from "../Publisher.ts"
import {
  append,
  call,
  claim,
  closeCall,
  closeStep,
  closeTurn,
  create,
  interrupt,
  messageOf,
  openMessage,
  openStep,
  start,
  update
} from "../testing/commands.ts"
import { origin, sendable } from "../testing/TestEngine.ts"
import { ThreadEngine } from "../ThreadEngine.ts"
import { counterOf, Histogram, showGauge } from "./instruments.ts"
import { metrics } from "./metrics.ts"

const isolated = Layer.sync(Metric.MetricRegistry, () => new Map())

const layerEngine = ThreadEngine.layer.pipe(
  Layer.provideMerge(Publisher.layer),
  Layer.provideMerge(Memory.layer),
  Layer.provideMerge(isolated)
)

/** The metrics as Prometheus reads them: each series with its value. */
const read = Effect.map(PrometheusMetrics.format(), (text) =>
  Object.fromEntries(
    text
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))])
  )
)

describe("instruments", () => {
  it("a histogram counts a value in the first bucket that reaches it, and in every larger one", () => {
    const histogram = new Histogram([1, 2, 4])
    for (const value of [0.5, 1, 3, 4, 100]) histogram.record(value)
    expect(histogram.state()).toEqual({
      buckets: [
        [1, 2],
        [2, 2],
        [4, 4]
      ],
      count: 5,
      min: 0.5,
      max: 100,
      sum: 108.5
    })
  })

  it.effect("show what is true when it is read, and nothing once their owner has closed", () =>
    Effect.gen(function* () {
      let head = 1
      yield* Effect.scoped(
        Effect.gen(function* () {
          const commits = yield* counterOf(metrics.commits)
          yield* showGauge(metrics.logHead, () => head)
          expect(yield* read).toEqual({ spillway_commits_total: 0, spillway_log_head: 1 })
          commits.add()
          head = 7
          expect(yield* read).toEqual({ spillway_commits_total: 1, spillway_log_head: 7 })
        })
      )
      expect(yield* read).toEqual({})
    }).pipe(Effect.provide(isolated))
  )

  it.effect("count from 0 each time that they are made", () =>
    Effect.gen(function* () {
      const made = counterOf(metrics.commits)
      const first = yield* Effect.scoped(Effect.tap(made, (counter) => Effect.sync(() => counter.add())))
      const second = yield* Effect.scoped(made)
      expect([first.count, second.count]).toEqual([1, 0])
    }).pipe(Effect.provide(isolated))
  )
})

describe("the engine's metrics", () => {
  it.effect("count commits, commands by their outcome, and what turns came to", () =>
    Effect.gen(function* () {
      const engine = yield* ThreadEngine
      const send = (command: Parameters<typeof sendable>[0]) =>
        engine.dispatch(origin, sendable(command, { threadId: "t" }))
      const ingest = (...commands: ReadonlyArray<unknown>) =>
        engine.ingest({
          tenant: origin.tenant,
          threadId: sendable(create(), { threadId: "t" }).threadId,
          actor: "runtime:scripted",
          commands: commands as never,
          cursor: null
        })
      yield* send(create())
      yield* send(start("a"))
      yield* ingest(
        claim("a"),
        openStep("a"),
        openMessage("a"),
        append(messageOf("a"), "hello"),
        call(messageOf("a"), "one"),
        closeCall("one"),
        call(messageOf("a"), "two"),
        closeCall("two", { status: "denied" }),
        closeStep("a", 0, { usage: { inputTokens: 3, outputTokens: 4 }, finishReason: "made-up" }),
        closeTurn("a")
      )
      yield* send(interrupt("nowhere"))
      yield* Effect.all([send(update({ title: "1" })), send(update({ title: "2" }))], {
        concurrency: "unbounded"
      })

      const { head } = yield* EventLog
      const committed = yield* head
      yield* Stream.runHead((yield* Publisher).follow(committed - 1))
      const seen = yield* read
      expect(seen).toMatchObject({
        spillway_commits_total: 5,
        spillway_events_committed_total: committed,
        spillway_commit_conflicts_total: 0,
        spillway_commit_batch_size_count: 5,
        spillway_commit_batch_size_sum: 6,
        'spillway_commit_batch_size_bucket{le="1"}': 4,
        'spillway_commit_batch_size_bucket{le="+Inf"}': 5,
        spillway_commit_duration_seconds_count: 5,
        'spillway_command_duration_seconds_count{outcome="accepted"}': 4,
        'spillway_command_duration_seconds_count{outcome="rejected"}': 1,
        'spillway_command_duration_seconds_count{outcome="failed"}': 0,
        spillway_command_queue: 0,
        spillway_log_head: committed,
        'spillway_turns_total{outcome="completed"}': 1,
        'spillway_turns_total{outcome="failed"}': 0,
        'spillway_steps_total{finish_reason="other"}': 1,
        'spillway_tokens_total{direction="input"}': 3,
        'spillway_tokens_total{direction="output"}': 4,
        'spillway_tool_calls_total{outcome="completed"}': 1,
        'spillway_tool_calls_total{outcome="denied"}': 1
      })
    }).pipe(Effect.provide(layerEngine))
  )
})
