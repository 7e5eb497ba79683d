/**
 * Whether this process can take commands now, and what is wrong when it can't: what `/health/ready` tells a load balancer.
 */
import {
  EventLog,
  NodeLease,
  type Outage,
  OutageWatch,
  ReadModels,
  Subscriptions,
  type SubscriptionStatus
} from "@spillway/orchestration"
import { Effect, Fiber, Option } from "effect"

/** How long the database may take to answer before it counts as out of reach. */
const DATABASE_TIMEOUT = "2 seconds"

export const readiness = Effect.gen(function* () {
  const log = yield* EventLog
  const readModels = yield* ReadModels
  const subscriptions = yield* Effect.serviceOption(Subscriptions)
  const { current } = yield* OutageWatch
  // Once it is known to be away nobody waits to hear so again.
  const read = isOutOfReach(current())
    ? Option.none()
    : yield* Effect.all(
        {
          head: log.head,
          projections: readModels.status,
          subscriptions: subscriptions._tag === "Some" ? subscriptions.value.all : Effect.succeed([])
        },
        { concurrency: 3 }
      ).pipe(inTime)
  const outage = current()
  const database = read._tag === "Some" ? "reachable" : "unreachable"
  const projections =
    read._tag === "Some"
      ? read.value.projections.map(({ checkpoint, failed, projection }) => ({
          projection,
          behind: Math.max(0, read.value.head - checkpoint),
          failed
        }))
      : []
  const isReady =
    database === "reachable" && outage === null && projections.every(({ failed }) => failed === null)
  const lease = (yield* (yield* NodeLease).epoch) === null ? "not-held" : "held"
  // Shown, and no reason to send commands elsewhere: what stands still is a consumer of the service's own.
  const consumers = read._tag === "Some" ? read.value.subscriptions.map(subscriptionHealth) : []
  const found = {
    database,
    outage: outage && { reason: outage.reason, since: new Date(outage.since).toISOString() },
    lease,
    projections,
    subscriptions: consumers
  } as const
  return isReady ? ({ status: "ready", ...found } as const) : ({ status: "not-ready", ...found } as const)
})

const isOutOfReach = (outage: Outage | null): boolean =>
  outage !== null && outage.reason !== "read-only" && outage.reason !== "disk-full"

/** Reads that take longer end by themselves: to call them off takes time on a connection that is dead. */
const inTime = <A, E, R>(read: Effect.Effect<A, E, R>) =>
  Effect.flatMap(Effect.forkDetach(read, { startImmediately: true }), (fiber) =>
    Fiber.join(fiber).pipe(Effect.timeout(DATABASE_TIMEOUT), Effect.option)
  )

/** Without what its handler said: anybody may ask, and it may quote what it was given. */
const subscriptionHealth = ({ behind, name, position, state }: SubscriptionStatus) => ({
  subscription: name,
  state,
  behind,
  failed:
    state === "stopped" ? `It can't handle an event behind position ${position}: its status says why.` : null
})
