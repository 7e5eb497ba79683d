/** How far read models are behind the log, by looking at their checkpoints now and then, whichever process moves them. */
import { Clock, Effect, Exit, Layer, Option, Scope } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { EventLog } from "../EventLog.ts"
import { projectionsStatus } from "../projections/status.ts"
import { type ProjectionStatus, ReadModels } from "../ReadModels.ts"
import { showGaugeOf } from "./instruments.ts"
import { metrics } from "./metrics.ts"

/** Between two looks. */
const LOOK_EVERY = "5 seconds"

interface Shown {
  readonly scope: Scope.Closeable
  positions: number
  seconds: number
  failed: number
}

interface ShownRebuild {
  ratio: number
  running: number
}

export const layerReadModelMetrics = Layer.effectDiscard(
  Effect.gen(function* () {
    const log = yield* EventLog
    const readModels = yield* ReadModels
    // Where the read models are in Postgres.
    const sql = yield* Effect.serviceOption(SqlClient)
    const scope = yield* Effect.scope
    const shown = new Map<string, Shown>()

    /** A projection is shown from when it is first seen. */
    const show = Effect.fnUntraced(function* (projection: string) {
      const known = shown.get(projection)
      if (known !== undefined) return known
      const lag: Shown = { scope: yield* Scope.fork(scope), positions: 0, seconds: 0, failed: 0 }
      shown.set(projection, lag)
      yield* Effect.all([
        showGaugeOf(metrics.projectionLag, projection, () => lag.positions),
        showGaugeOf(metrics.projectionLagSeconds, projection, () => lag.seconds),
        showGaugeOf(metrics.projectionFailed, projection, () => lag.failed)
      ]).pipe(Scope.provide(lag.scope))
      return lag
    })

    /** One that is not there any more was replaced, or is of an older version. */
    const hideOthers = (statuses: ReadonlyArray<ProjectionStatus>) =>
      Effect.forEach(
        [...shown].filter(([name]) => !statuses.some(({ projection }) => projection === name)),
        ([name, { scope }]) => {
          shown.delete(name)
          return Scope.close(scope, Exit.void)
        },
        { discard: true }
      )

    /** How old the first event behind a checkpoint is. */
    const age = Effect.fnUntraced(function* (checkpoint: number) {
      const [first] = yield* log.readLog({ afterPosition: checkpoint, limit: 1 })
      if (first === undefined) return 0
      return Math.max(0, (yield* Clock.currentTimeMillis) - Date.parse(first.at)) / 1_000
    })

    const rebuilds = new Map<string, ShownRebuild>()

    const showRebuild = Effect.fnUntraced(function* (projection: string, now: ShownRebuild) {
      const known = rebuilds.get(projection)
      if (known !== undefined) return void Object.assign(known, now)
      rebuilds.set(projection, now)
      yield* Effect.all([
        showGaugeOf(metrics.projectionRebuildRatio, projection, () => now.ratio),
        showGaugeOf(metrics.projectionRebuildRunning, projection, () => now.running)
      ]).pipe(Scope.provide(scope))
    })

    const lookAtRebuilds = Effect.gen(function* () {
      if (Option.isNone(sql)) return
      for (const { projection, rebuild } of yield* Effect.provideService(
        projectionsStatus,
        SqlClient,
        sql.value
      )) {
        const ratio = rebuild === null || rebuild.of === 0 ? 1 : rebuild.events / rebuild.of
        yield* showRebuild(projection, { ratio, running: Number(rebuild?.running ?? false) })
      }
    })

    const look = Effect.gen(function* () {
      // The checkpoints first: what is committed between the two looks counts as behind, and not as ahead.
      const statuses: ReadonlyArray<ProjectionStatus> = yield* readModels.status
      const head = yield* log.head
      for (const { checkpoint, failed, projection } of statuses) {
        const lag = yield* show(projection)
        lag.positions = Math.max(0, head - checkpoint)
        lag.seconds = lag.positions === 0 ? 0 : yield* age(checkpoint)
        lag.failed = Number(failed !== null)
      }
      yield* hideOthers(statuses)
      yield* lookAtRebuilds
    })

    yield* look.pipe(
      Effect.catchTag("Unavailable", (error) =>
        Effect.logDebug("The projections' checkpoints can't be read now", error.message)
      ),
      Effect.andThen(Effect.sleep(LOOK_EVERY)),
      Effect.forever,
      Effect.withTracerEnabled(false),
      Effect.forkScoped
    )
  })
)
