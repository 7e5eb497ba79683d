/**
 * The health checks. `/health/live`: this process answers. `/health/ready`: it can take commands now, for a load balancer. The
 * answers are small JSON objects and say what is wrong.
 */
import { EventLog, NodeLease, ReadModels } from "@spillway/orchestration"
import { Effect } from "effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"

/** How long the database may take to answer before it counts as out of reach. */
const DATABASE_TIMEOUT = "2 seconds"

export const live = Effect.succeed(HttpServerResponse.jsonUnsafe({ status: "live" }))

export const ready = Effect.gen(function* () {
  const log = yield* EventLog
  const lease = yield* NodeLease
  const readModels = yield* ReadModels
  const found = yield* Effect.all(
    { head: log.head, projections: readModels.status },
    { concurrency: 2 }
  ).pipe(Effect.timeout(DATABASE_TIMEOUT), Effect.option)
  const epoch = yield* lease.epoch
  const database = found._tag === "Some" ? "reachable" : "unreachable"
  const projections =
    found._tag === "Some"
      ? found.value.projections.map(({ checkpoint, failed, projection }) => ({
          projection,
          behind: Math.max(0, found.value.head - checkpoint),
          failed
        }))
      : []
  const isReady = database === "reachable" && projections.every(({ failed }) => failed === null)
  return HttpServerResponse.jsonUnsafe(
    {
      status: isReady ? "ready" : "not-ready",
      database,
      /** Another process runs the turns when this one does not; commands are taken all the same. */
      lease: epoch === null ? "not-held" : "held",
      projections
    },
    { status: isReady ? 200 : 503 }
  )
})
