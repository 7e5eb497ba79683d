/**
 * Whether this process can take commands now, and what is wrong when it can't: what `/health/ready` tells a load balancer.
 */
import { EventLog, NodeLease, ReadModels } from "@spillway/orchestration"
import { Effect } from "effect"

/** How long the database may take to answer before it counts as out of reach. */
const DATABASE_TIMEOUT = "2 seconds"

export const readiness = Effect.gen(function* () {
  const log = yield* EventLog
  const readModels = yield* ReadModels
  const read = yield* Effect.all({ head: log.head, projections: readModels.status }, { concurrency: 2 }).pipe(
    Effect.timeout(DATABASE_TIMEOUT),
    Effect.option
  )
  const database = read._tag === "Some" ? "reachable" : "unreachable"
  const projections =
    read._tag === "Some"
      ? read.value.projections.map(({ checkpoint, failed, projection }) => ({
          projection,
          behind: Math.max(0, read.value.head - checkpoint),
          failed
        }))
      : []
  const isReady = database === "reachable" && projections.every(({ failed }) => failed === null)
  const lease = (yield* (yield* NodeLease).epoch) === null ? "not-held" : "held"
  const found = { database, lease, projections } as const
  return isReady ? ({ status: "ready", ...found } as const) : ({ status: "not-ready", ...found } as const)
})
