/**
 * Whether the database is away, as this process finds it. Whoever is let down by the database says so here; from then on the watch looks
 * by itself until the database is back. An outage is one warning, and one line more when it is over, however many are let down by it. One
 * that is over before it could be looked at, such as a connection that was cut, is none.
 */
import { Clock, Context, Effect, FiberHandle, Latch, Layer, Schedule } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { counterOf, showGauge } from "../metrics/instruments.ts"
import { metrics } from "../metrics/metrics.ts"
import { answerWithin } from "./answerWithin.ts"
import { type OutageReason, outageReason } from "./outageReason.ts"
import { causeText } from "./sqlFailure.ts"

export interface Outage {
  /** Milliseconds since 1970. */
  readonly since: number
  readonly reason: OutageReason
}

/** Before an outage is taken for one. Milliseconds. */
const FIRST_LOOK = 500

/** How long one look may take. Milliseconds. */
const LOOK_TIMEOUT = 2_000

const looks = Schedule.min([Schedule.exponential("250 millis"), Schedule.spaced("1 second")]).pipe(
  Schedule.jittered
)

/** No look tells whether there is room on the disk; after so long without a write it is taken for well. Milliseconds. */
const UNTIL_WRITTEN = 15_000

/** Where no database is watched there is no outage. */
export const OutageWatch = Context.Reference<{
  /** The outage that there is now. */
  readonly current: () => Outage | null
  /** A statement failed, or there was no connection for it. Most errors tell of no outage. */
  readonly failed: (error: SqlError) => void
  /** Something was written. */
  readonly wrote: () => void
}>("@spillway/orchestration/postgres/OutageWatch", {
  defaultValue: () => ({ current: () => null, failed: () => {}, wrote: () => {} })
})

export const layer = Layer.effect(
  OutageWatch,
  Effect.gen(function* () {
    const sql = yield* SqlClient
    const clock = yield* Clock.Clock
    const outages = yield* counterOf(metrics.databaseOutages)
    const run = yield* FiberHandle.makeRuntime<never>()
    const written = yield* Latch.make()
    let suspected: Outage | null = null
    let current: Outage | null = null
    yield* showGauge(metrics.databaseAway, () => Number(current !== null))

    /** What is wrong, or `undefined` once nothing is. */
    const look = sql<{
      readonly readOnly: string
    }>`select current_setting('transaction_read_only') as "readOnly"`.pipe(
      answerWithin(LOOK_TIMEOUT),
      Effect.map(([row]): OutageReason | undefined => (row!.readOnly === "on" ? "read-only" : undefined)),
      Effect.catch((error) => Effect.succeed(outageReason(error)))
    )

    const watch = Effect.fnUntraced(function* (first: Outage, error: SqlError) {
      let { reason } = first
      const isOver = Effect.gen(function* () {
        if (reason === "disk-full") {
          yield* Effect.timeoutOption(written.await, UNTIL_WRITTEN)
          return true
        }
        const found = yield* look
        if (found === undefined) return true
        reason = found
        current = { ...first, reason }
        return false
      })
      yield* Effect.sleep(FIRST_LOOK)
      if (reason !== "disk-full" && (yield* isOver)) return
      current = { ...first, reason }
      outages.add()
      yield* Effect.logWarning(
        `The database is away: ${reason} (${causeText(error)}). Commands wait, text is kept, and all goes on by itself when it is back.`
      )
      yield* Effect.repeat(isOver, { schedule: looks, until: (over) => over })
      const seconds = ((clock.currentTimeMillisUnsafe() - first.since) / 1_000).toFixed(1)
      yield* Effect.logInfo(`The database is back after ${seconds} s.`)
    })

    return {
      current: () => current,
      failed: (error: SqlError) => {
        const reason = outageReason(error)
        if (suspected !== null || reason === undefined) return
        suspected = { since: clock.currentTimeMillisUnsafe(), reason }
        written.closeUnsafe()
        run(
          watch(suspected, error).pipe(
            Effect.ensuring(Effect.sync(() => void (suspected = current = null))),
            Effect.withTracerEnabled(false)
          )
        )
      },
      wrote: () => {
        if (suspected !== null) written.openUnsafe()
      }
    }
  })
)
