import { expect, it } from "@effect/vitest"
import { Effect, Layer, Metric } from "effect"
import { TestClock } from "effect/testing"
import * as Memory from "../memory/Memory.ts"
import { Publisher } from "../Publisher.ts"
import { type ProjectionStatus, ReadModels } from "../ReadModels.ts"
import { rebuildProjections } from "../projections/rebuild/rebuild.ts"
import { create, start } from "../testing/commands.ts"
import { readModelStack } from "../testing/readModelStack.ts"
import { scenarioThread } from "../testing/scenario.ts"
import { origin, sendable } from "../testing/TestEngine.ts"
import { ThreadLog } from "../testing/ThreadLog.ts"
import { ThreadEngine } from "../ThreadEngine.ts"
import { layerReadModelMetrics } from "./readModelMetrics.ts"

const layerLog = ThreadEngine.layer.pipe(
  Layer.provideMerge(Publisher.layer),
  Layer.provideMerge(Memory.layer),
  Layer.provideMerge(Layer.sync(Metric.MetricRegistry, () => new Map()))
)

/** What is shown of each projection: positions, seconds, failed. */
const shown = Effect.map(Metric.snapshot, (snapshot) => {
  const projections: Record<string, Array<unknown>> = {}
  for (const { attributes, id, state } of snapshot) {
    if (id.startsWith("spillway_projection_") && "value" in state) {
      ;(projections[attributes!["projection"]!] ??= []).push(state.value)
    }
  }
  return projections
})

it.effect(
  "a projection's lag is what the log holds beyond it and how old that is, for as long as it is there",
  () =>
    Effect.gen(function* () {
      const engine = yield* ThreadEngine
      yield* engine.dispatch(origin, sendable(create(), { threadId: "t" }))
      yield* TestClock.adjust("2 seconds")
      yield* engine.dispatch(origin, sendable(start("a"), { threadId: "t" }))
      yield* TestClock.adjust("3 seconds")
      let statuses: ReadonlyArray<ProjectionStatus> = [
        { projection: "threads", checkpoint: 4, failed: null },
        { projection: "rebuilt", checkpoint: 0, failed: null }
      ]
      const readModels = Layer.succeed(ReadModels, {
        status: Effect.sync(() => statuses)
      } as unknown as ReadModels["Service"])
      yield* Effect.gen(function* () {
        yield* TestClock.adjust(0)
        expect(yield* shown).toEqual({ threads: [0, 0, 0], rebuilt: [4, 5, 0] })
        statuses = [
          { projection: "threads", checkpoint: 4, failed: null },
          { projection: "rebuilt", checkpoint: 1, failed: "poisoned" }
        ]
        yield* TestClock.adjust("5 seconds")
        expect(yield* shown).toEqual({ threads: [0, 0, 0], rebuilt: [3, 8, 1] })
        statuses = statuses.slice(0, 1)
        yield* TestClock.adjust("5 seconds")
        expect(yield* shown).toEqual({ threads: [0, 0, 0] })
      }).pipe(Effect.provide(layerReadModelMetrics.pipe(Layer.provide(readModels))))
      expect(yield* shown).toEqual({})
    }).pipe(Effect.provide(layerLog))
)

it.live("a rebuild's progress is shown, and whether somebody is at it", () =>
  Effect.gen(function* () {
    const models = yield* ReadModels
    const log = yield* ThreadLog
    yield* models.waitFor(yield* log.run(scenarioThread, create(), start("a")))
    const seen = Effect.map(shown, ({ threads }) => threads)
    /** Until so many values are shown. */
    const looked = (count: number) =>
      Effect.provide(Effect.repeat(seen, { until: (values) => values?.length === count }), metrics, {
        local: true
      })
    const context = yield* Effect.context<Layer.Success<typeof readModelStack>>()
    const metrics = layerReadModelMetrics.pipe(Layer.provide(Layer.succeedContext(context)))
    expect(yield* looked(5)).toEqual([0, 0, 0, 1, 0])
    yield* Effect.exit(
      rebuildProjections(undefined, {
        onStep: ({ phase }) => {
          if (phase === "threads") throw new Error("cut off")
        }
      })
    )
    expect((yield* looked(5))!.slice(3)).toEqual([0, 0])
    yield* rebuildProjections()
    expect(yield* looked(5)).toEqual([0, 0, 0, 1, 0])
  }).pipe(
    Effect.provide(
      readModelStack.pipe(Layer.provideMerge(Layer.sync(Metric.MetricRegistry, () => new Map())))
    )
  )
)
