/**
 * The lease as a row: owner, epoch, and until when it lasts on the database's clock. What makes it safe is the epoch: it
 * grows with each change of hands, and the append refuses an older one. Times only decide how soon hands change.
 *
 * - A holder that closes gives the lease back, and another process has it within a look.
 * - A holder that is killed is silent: the lease runs out `duration` after its last heartbeat, and whoever sees it run out
 *   for one `heartbeat` more takes it. With the default times that is 7 s at the most.
 * - The second look is for a database that stood still: the lease ran out, but its holder is there and renews it as soon
 *   as the database goes on. For the same reason a holder that hears nothing keeps the lease for `patience`, on its own
 *   monotonic clock: nothing of it can be committed meanwhile, and if another one did take over, the first answer says so.
 */
import { PgPool } from "@effect/sql-pg"
import { Clock, Effect, Layer, Stream, SubscriptionRef } from "effect"
import { randomUUID } from "node:crypto"
import { hostname } from "node:os"
import { NodeLease } from "../NodeLease.ts"
import { type ConnectionOptions, connectionConfig } from "./connection.ts"
import { unreachable } from "./DatabaseError.ts"
import { causeText } from "./sqlFailure.ts"

/** In milliseconds. */
export interface LeaseTimes {
  /** Between two renewals. Default: 2,000. */
  readonly heartbeat?: number | undefined
  /** How long a renewal lasts. Default: 4,000. */
  readonly duration?: number | undefined
  /** How long a holder keeps a lease that it can't renew because the database does not answer. Default: 20,000. */
  readonly patience?: number | undefined
  /** Between two looks at a lease that another process holds. Default: 500. */
  readonly look?: number | undefined
}

/** A lease that ran out this long ago is taken at first sight. Milliseconds. */
const LONG_AGO = 30_000

/** How long giving the lease back may take. Milliseconds. */
const RELEASE_TIMEOUT = 2_000

export const layer = (options: ConnectionOptions & LeaseTimes) =>
  Layer.effect(NodeLease, Effect.mapError(make(options), unreachable))

const make = Effect.fnUntraced(function* ({
  duration = 4_000,
  heartbeat = 2_000,
  look = 500,
  patience = 20_000,
  ...connection
}: ConnectionOptions & LeaseTimes) {
  const owner = `${hostname()}/${process.pid}/${randomUUID()}`
  const pool = yield* PgPool.make({ ...connectionConfig(connection, "lease"), maxConnections: 1 })
  const query = <Row>(statement: string, parameters: ReadonlyArray<unknown> = []) =>
    pool
      .use((session) => session.query(statement, parameters))
      .pipe(Effect.map((result) => result.rows as unknown as ReadonlyArray<Row>))
  const held = yield* SubscriptionRef.make<number | null>(null)
  const now = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos / 1_000_000n))

  const take = query<{ readonly epoch: bigint | null }>(
    "select take_lease($1::text, $2::interval) as epoch",
    [owner, `${duration} milliseconds`]
  ).pipe(Effect.map(([row]) => row!.epoch))

  const renew = (epoch: bigint) =>
    query(
      "update node_lease set expires_at = clock_timestamp() + $3::interval where owner = $1::text and epoch = $2::bigint returning 1",
      [owner, epoch, `${duration} milliseconds`]
    ).pipe(Effect.map((rows) => rows.length === 1))

  const giveBack = query("update node_lease set owner = null where owner = $1::text", [owner])

  const lookAt = query<{
    readonly epoch: bigint
    readonly free: boolean
    readonly ran_out: boolean
    readonly long_ago: boolean
  }>(
    `select epoch, owner is null as free, expires_at < clock_timestamp() as ran_out,
       expires_at < clock_timestamp() - $1::interval as long_ago
     from node_lease`,
    [`${LONG_AGO} milliseconds`]
  ).pipe(Effect.map(([row]) => row!))

  /** The run-out lease at which the last looks were, and since when. */
  let silent: { readonly epoch: bigint; readonly since: number } | undefined

  /** Takes the lease if it may be taken now. */
  const attempt = Effect.gen(function* () {
    const row = yield* lookAt
    const at = yield* now
    if (!row.ran_out) silent = undefined
    else if (silent?.epoch !== row.epoch) silent = { epoch: row.epoch, since: at }
    const silentFor = silent === undefined ? 0 : at - silent.since
    if (!row.free && !row.long_ago && silentFor < heartbeat) return null
    const epoch = yield* take
    return epoch === null ? null : { epoch, since: at }
  }).pipe(
    Effect.catchTag("SqlError", (error) => {
      silent = undefined
      return Effect.as(Effect.logDebug("The lease can't be looked at", causeText(error)), null)
    })
  )

  /** Returns once the lease is another's, or was not renewed for too long. */
  const hold = Effect.fnUntraced(function* (lease: { readonly epoch: bigint; readonly since: number }) {
    let renewedAt = lease.since
    while (true) {
      yield* Effect.sleep(heartbeat)
      const sentAt = yield* now
      const renewed = yield* renew(lease.epoch).pipe(
        Effect.timeoutOrElse({
          duration: Math.max(0, renewedAt + patience - sentAt),
          orElse: () => Effect.void
        }),
        Effect.catchTag("SqlError", (error) =>
          Effect.as(Effect.logDebug("The lease can't be renewed now", causeText(error)), undefined)
        )
      )
      if (renewed === false) return
      if (renewed) renewedAt = sentAt
      else if ((yield* now) >= renewedAt + patience) return
    }
  })

  const holdOnce = Effect.fnUntraced(function* (lease: { readonly epoch: bigint; readonly since: number }) {
    yield* Effect.logDebug(`Holding the lease (epoch ${lease.epoch})`)
    yield* SubscriptionRef.set(held, Number(lease.epoch))
    yield* hold(lease)
    yield* SubscriptionRef.set(held, null)
    yield* Effect.logWarning(`Lost the lease (epoch ${lease.epoch})`)
  })

  const takeTurns = Effect.gen(function* () {
    while (true) {
      const lease = yield* attempt
      if (lease === null) yield* Effect.sleep(look)
      else yield* holdOnce(lease)
    }
  })

  yield* Effect.addFinalizer(() =>
    giveBack.pipe(Effect.interruptible, Effect.timeout(RELEASE_TIMEOUT), Effect.ignore)
  )
  const first = yield* attempt
  yield* (first === null ? takeTurns : Effect.andThen(holdOnce(first), takeTurns)).pipe(
    Effect.forkScoped({ startImmediately: true })
  )

  return NodeLease.of({
    epoch: SubscriptionRef.get(held),
    changes: Stream.changes(SubscriptionRef.changes(held))
  })
})
