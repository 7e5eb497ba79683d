/**
 * Bounds what runtimes have reported and ingestion is not done with: a total for the process, of which one lane may hold a part.
 *
 * No shared queue stands before the lanes. A full lane makes its own producers wait and nobody else's; when the total is used up, free
 * room goes to the lanes that want it in turn, one item each, in the order in which they began to wait.
 */
import { metrics, showGauge } from "@spillway/orchestration"
import { Context, Effect, Layer, Scheduler, type Scope } from "effect"
import { type Claimant, type Lane, makeLane, type SharedRoom } from "./Lane.ts"

/** Events in all lanes together. */
const TOTAL = 1_024

/** Events in one lane. */
const PER_LANE = 128

export class IngestionBudget extends Context.Service<
  IngestionBudget,
  {
    /** A lane of its own for one session, closed with the scope. Nothing is admitted while `isStopped`. */
    readonly lane: <A>(isStopped?: () => boolean) => Effect.Effect<Lane<A>, never, Scope.Scope>
    /** Events admitted and not done with, in all lanes. */
    readonly inUse: () => number
    readonly total: number
    readonly perLane: number
  }
>()("@spillway/runtime-ingestion/IngestionBudget") {
  static readonly layer = ({
    perLane = PER_LANE,
    total = TOTAL
  }: { readonly perLane?: number; readonly total?: number } = {}) =>
    Layer.effect(
      IngestionBudget,
      Effect.gen(function* () {
        const scheduler = yield* Scheduler.Scheduler
        const { inUse, room } = sharedRoom(total, scheduler.makeDispatcher())
        const lanes = new Set<Pick<Lane<never>, "depth" | "waiting">>()
        yield* showGauge(metrics.lanes, () => lanes.size)
        yield* showGauge(metrics.longestLane, () =>
          Array.from(lanes).reduce((longest, lane) => Math.max(longest, lane.depth()), 0)
        )
        yield* showGauge(metrics.waitingProducers, () =>
          Array.from(lanes).reduce((waiting, lane) => waiting + lane.waiting(), 0)
        )
        yield* showGauge(metrics.budgetUsed, inUse)
        yield* showGauge(metrics.budgetLimit, () => total)
        return IngestionBudget.of({
          lane: <A>(isStopped?: () => boolean) =>
            Effect.acquireRelease(
              Effect.sync(() => {
                const lane = makeLane<A>(room, perLane, isStopped)
                lanes.add(lane)
                return lane
              }),
              (lane) => {
                lanes.delete(lane)
                return lane.close
              }
            ),
          inUse,
          total,
          perLane
        })
      })
    )
}

const sharedRoom = (total: number, dispatcher: Scheduler.SchedulerDispatcher) => {
  let inUse = 0
  /** Empty while there is room: whoever comes then finds nobody to stand behind. */
  const waiting = new Set<Claimant>()

  /** A lane that wants more joins the end. */
  const grant = (): void => {
    for (const claimant of waiting) {
      if (inUse >= total) return
      waiting.delete(claimant)
      inUse++
      if (claimant.use()) waiting.add(claimant)
    }
  }

  const room: SharedRoom = {
    take: () => {
      if (inUse >= total) return false
      inUse++
      return true
    },
    waitFor: (claimant) => {
      waiting.add(claimant)
      grant()
    },
    stopWaiting: (claimant) => void waiting.delete(claimant),
    give: (items) => {
      inUse -= items
      grant()
    },
    wake: (resume) => dispatcher.scheduleTask(resume, 0)
  }
  return { room, inUse: () => inUse }
}
