import { expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Metric } from "effect"
import { IngestionBudget } from "./lanes/IngestionBudget.ts"
import { begin, delta } from "./testing/beginTurn.ts"
import { layerTestIngestion, turnEnd } from "./testing/TestIngestion.ts"

const isolated = Layer.sync(Metric.MetricRegistry, () => new Map())

/** What a metric shows: of one with a label, by its values. */
const read = (name: string) =>
  Effect.map(Metric.snapshot, (snapshot) => {
    const shown = snapshot
      .filter(({ id }) => id === name)
      .map(({ attributes = {}, state }) => {
        const value = "count" in state ? state.count : "value" in state ? state.value : Number.NaN
        return [Object.values(attributes)[0], value] as const
      })
    return shown[0]?.[0] === undefined ? shown[0]?.[1] : Object.fromEntries(shown)
  })

it.effect("lanes, the budget and who waits for it are shown as they are", () =>
  Effect.gen(function* () {
    const budget = yield* IngestionBudget
    yield* Effect.scoped(
      Effect.gen(function* () {
        const [full, quiet] = yield* Effect.replicateEffect(budget.lane<number>(), 2)
        const offer = (item: number) => Effect.forkChild(full!.offer(item), { startImmediately: true })
        const waiting = [yield* offer(1), yield* offer(2), yield* offer(3), yield* offer(4)].slice(2)
        yield* quiet!.offer(1)
        expect(yield* read("spillway_lanes")).toBe(2)
        expect(yield* read("spillway_longest_lane_events")).toBe(2)
        expect(yield* read("spillway_ingestion_budget_used_events")).toBe(3)
        expect(yield* read("spillway_ingestion_budget_limit_events")).toBe(10)
        expect(yield* read("spillway_waiting_producers")).toBe(2)
        full!.takeNow(2)
        full!.done(2)
        yield* Effect.forEach(waiting, Fiber.join)
        expect(yield* read("spillway_waiting_producers")).toBe(0)
      })
    )
    expect(yield* read("spillway_lanes")).toBe(0)
    expect(yield* read("spillway_longest_lane_events")).toBe(0)
    expect(yield* read("spillway_ingestion_budget_used_events")).toBe(0)
  }).pipe(Effect.provide(Layer.provideMerge(IngestionBudget.layer({ perLane: 2, total: 10 }), isolated)))
)

it.live("text is counted by why it left its buffer, and live frames as they go out", () =>
  Effect.gen(function* () {
    const play = Effect.fnUntraced(function* (
      mode: "buffered" | "streaming" | "paragraph",
      ...texts: ReadonlyArray<string>
    ) {
      const turn = yield* begin({ assistantDeliveryMode: mode })
      yield* turn.openStep
      for (const text of texts) yield* turn.emit(delta(text))
      return turn
    })
    const end = Effect.fnUntraced(function* (turn: Effect.Success<ReturnType<typeof play>>) {
      yield* turn.emit({ type: "turn.completed" })
      expect(yield* turnEnd(turn.threadId, turn.turnId)).toBe("completed")
    })

    // 24,001 waiting code units are flushed whole, and what comes then waits for the close.
    yield* end(yield* play("buffered", "x".repeat(24_000), "y", "the rest"))
    // A remark stands behind the text before it.
    const remarked = yield* play("buffered", "before")
    yield* remarked.emit({ type: "notice", level: "info", text: "a remark" })
    yield* end(remarked)
    yield* end(yield* play("paragraph", "One.\n\n", "Two."))
    expect(yield* read("spillway_live_frames_published_total")).toBe(0)
    yield* end(yield* play("streaming", "z".repeat(2_000), "!"))

    expect(yield* read("spillway_text_flushes_total")).toEqual({ spill: 1, cut: 2, boundary: 1, close: 3 })
    expect(yield* read("spillway_text_flushed_code_units_total")).toEqual({
      spill: 24_001,
      cut: "One.\n\n".length + 2_000,
      boundary: "before".length,
      close: "the rest".length + "Two.".length + "!".length
    })
    expect(yield* read("spillway_live_frames_published_total")).toBe(2)
  }).pipe(Effect.provide(Layer.provideMerge(layerTestIngestion, isolated)))
)
