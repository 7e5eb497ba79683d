/**
 * The lease as a row: owner, epoch, until when it lasts on the database's clock, and by which connection its holder proved itself. What
 * makes it safe is the epoch: it grows with each change of hands, and the append refuses an older one. All else only decides how soon
 * hands change.
 *
 * - A holder that closes gives the lease back, and another process has it at once.
 * - A holder that is killed leaves its connection, which the database sees: whoever finds that connection gone at every look for
 *   `absence` takes the lease, 1 s to 1.5 s after the kill with the default times. On the machine of the killed one, where it can be
 *   seen that its process is gone, at the first look.
 * - A holder whose connection was cut makes another one within 100 ms, proves itself by that one and keeps the lease.
 * - A holder whose machine or network is gone leaves a connection that stands. It is silent: the lease runs out `duration` after its last
 *   heartbeat, and whoever sees it run out for one `heartbeat` more takes it. With the default times that is 7 s at the most.
 * - After a restart of the database no connection is there, whoever lives: the timed rule above holds until the holder has proved itself
 *   again. So it does for whoever lost its own connection: what failed may be the database, and not the holder.
 * - The second look is for a database that stood still: the lease ran out, but its holder is there and renews it as soon
 *   as the database goes on. For the same reason a holder that hears nothing keeps the lease, and with it its turns, however long that
 *   takes, or for `patience` on its own monotonic clock: nothing of it can be committed meanwhile, its turns wait at their next step, and
 *   if another one did take over, the first answer says so.
 */
import { Clock, Effect, Layer, Option, Stream, SubscriptionRef } from "effect"
import { randomUUID } from "node:crypto"
import { hostname } from "node:os"
import { NodeLease } from "../NodeLease.ts"
import type { ConnectionOptions } from "./connection.ts"
import { makeLeaseConnection } from "./lease/LeaseConnection.ts"
import { LeaseWatch } from "./lease/LeaseWatch.ts"
import { isGone, ownProcess } from "./lease/ownProcess.ts"
import { causeText } from "./sqlFailure.ts"

/** Times are in milliseconds. */
export interface LeaseOptions {
  /** Between two proofs of the holder, and how long each may take before another connection is tried. Default: 2,000. */
  readonly heartbeat?: number | undefined
  /** How long a proof lasts. Default: 4,000. */
  readonly duration?: number | undefined
  /** How long a holder keeps a lease that it can't renew because the database does not answer. Default: for ever. */
  readonly patience?: number | undefined
  /** How long the holder's connection must be gone before another process takes the lease. Default: 1,000. */
  readonly absence?: number | undefined
  /** Between two looks at a lease that another process holds. Default: 250. */
  readonly look?: number | undefined
  /** How others on this machine know this process; `null` says nothing to them. Default: `ownProcess()`. */
  readonly process?: string | null | undefined
}

/** A lease that ran out this long ago is taken at first sight. Milliseconds. */
const LONG_AGO = 30_000

/** How long a look at the lease of another process may take, before another connection is tried. Milliseconds. */
const LOOK_TIMEOUT = 20_000

/** How long giving the lease back may take. Milliseconds. */
const RELEASE_TIMEOUT = 2_000

/** Between a proof that failed and the next, for a holder. Milliseconds; an absence is ten times as long. */
const PROVE_AGAIN = 100

export const layer = (options: ConnectionOptions & LeaseOptions) => Layer.effect(NodeLease, make(options))

interface Lease {
  readonly epoch: bigint
  readonly since: number
}

interface LeaseRow {
  readonly epoch: bigint
  readonly expires_at: string
  readonly free: boolean
  readonly ran_out: boolean
  readonly long_ago: boolean
  readonly process: string | null
  readonly connection: "there" | "gone" | "unknown"
}

/**
 * A lease that this process gave up for want of an answer, and that nobody else took, is free to it.
 *
 * A role that may not see when a connection of another role began takes any of the same number for the holder's.
 */
const LOOK = `
select epoch, expires_at::text, coalesce(owner = $2::text, true) as free, expires_at < clock_timestamp() as ran_out,
  expires_at < clock_timestamp() - $1::interval as long_ago, process,
  case
    when server_start is distinct from pg_postmaster_start_time() then 'unknown'
    when exists (
      select from pg_stat_activity activity
      where pid = backend_pid and coalesce(activity.backend_start = node_lease.backend_start, true)
    ) then 'there'
    else 'gone'
  end as connection
from node_lease`

const make = Effect.fnUntraced(function* ({
  absence = 1_000,
  duration = 4_000,
  heartbeat = 2_000,
  look = 250,
  patience = Number.POSITIVE_INFINITY,
  process: self = ownProcess(),
  ...options
}: ConnectionOptions & LeaseOptions) {
  const owner = `${hostname()}/${process.pid}/${randomUUID()}`
  const connection = yield* makeLeaseConnection(options)
  const held = yield* SubscriptionRef.make<number | null>(null)
  const now = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos / 1_000_000n))
  const watch = new LeaseWatch({ absence, silence: heartbeat })

  const take = (row: LeaseRow) =>
    connection
      .query<{ readonly epoch: bigint | null }>(
        LOOK_TIMEOUT,
        "select take_seen_lease($1::bigint, $2::text, $3::text, $4::text, $5::interval) as epoch",
        [row.epoch, row.expires_at, owner, self, `${duration} milliseconds`]
      )
      .pipe(Effect.map(([taken]) => taken!.epoch))

  const prove = (epoch: bigint, within: number) =>
    connection
      .query<{ readonly ours: boolean }>(
        within,
        "select prove_lease($1::text, $2::bigint, $3::text, $4::interval) as ours",
        [owner, epoch, self, `${duration} milliseconds`]
      )
      .pipe(Effect.map(([row]) => row!.ours))

  const giveBack = connection.query(
    RELEASE_TIMEOUT,
    `with given as (update node_lease set owner = null where owner = $1::text returning 1)
     select pg_notify($2::text, '') from given`,
    [owner, connection.channel]
  )

  /** Takes the lease if it may be taken now. */
  const attempt = Effect.gen(function* () {
    const [row] = yield* connection.query<LeaseRow>(LOOK_TIMEOUT, LOOK, [`${LONG_AGO} milliseconds`, owner])
    const { connection: seen, epoch, expires_at, free, long_ago, process: holder, ran_out } = row!
    const at = yield* now
    const mayTake = watch.mayTake(
      {
        epoch,
        expiresAt: expires_at,
        isFree: free,
        ranOut: ran_out,
        ranOutLongAgo: long_ago,
        connection: seen,
        processGone: holder !== null && isGone(holder)
      },
      at
    )
    if (!mayTake) return null
    const taken = yield* take(row!)
    return taken === null ? null : { epoch: taken, since: at }
  }).pipe(
    Effect.catchTag("SqlError", (error) => {
      watch.blinded()
      return Effect.as(Effect.logDebug("The lease can't be looked at", causeText(error)), null)
    })
  )

  /** Returns once the lease is another's, or was not proved for too long. */
  const hold = Effect.fnUntraced(function* (lease: Lease) {
    let provedAt = lease.since
    let soon = 0
    while (true) {
      yield* soon-- > 0 ? Effect.sleep(PROVE_AGAIN) : Effect.timeoutOption(connection.stirred, heartbeat)
      const sentAt = yield* now
      const within = Math.max(0, Math.min(heartbeat, provedAt + patience - sentAt))
      const proved = yield* prove(lease.epoch, within).pipe(
        Effect.catchTag("SqlError", (error) =>
          Effect.as(Effect.logDebug("The lease can't be renewed now", causeText(error)), undefined)
        )
      )
      if (proved === false) return
      if (proved) {
        provedAt = sentAt
        continue
      }
      if ((yield* now) >= provedAt + patience) return
      // And once more: what was given up may be done behind the next one, and proves a connection that is not there any more.
      soon = 2
    }
  })

  const holdOnce = Effect.fnUntraced(function* (lease: Lease) {
    yield* Effect.logDebug(`Holding the lease (epoch ${lease.epoch})`)
    yield* SubscriptionRef.set(held, Number(lease.epoch))
    yield* hold(lease)
    yield* SubscriptionRef.set(held, null)
    yield* Effect.logWarning(`Lost the lease (epoch ${lease.epoch})`)
  })

  const takeTurns = Effect.gen(function* () {
    while (true) {
      const lease = yield* attempt
      if (lease !== null) {
        yield* holdOnce(lease)
        continue
      }
      const stirred = yield* Effect.timeoutOption(connection.stirred, look)
      if (Option.getOrNull(stirred) === "dropped") watch.blinded()
    }
  })

  yield* Effect.addFinalizer(() => Effect.ignore(Effect.interruptible(giveBack)))
  const first = yield* attempt
  yield* (first === null ? takeTurns : Effect.andThen(holdOnce(first), takeTurns)).pipe(
    Effect.forkScoped({ startImmediately: true })
  )

  return NodeLease.of({
    epoch: SubscriptionRef.get(held),
    changes: Stream.changes(SubscriptionRef.changes(held))
  })
})
