/** The rows of `subscription`: checkpoint, lease and failures of each name, one statement each. */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { HeldLease } from "./SubscriptionRun.ts"
import type { SubscriptionStart, SubscriptionStatus } from "./Subscriptions.ts"

/** In milliseconds. */
export interface SubscriptionTimes {
  /** Between two renewals. */
  readonly heartbeat: number
  /** How long a renewal lasts: after so much silence another process takes over. */
  readonly duration: number
  /** Between two looks at a subscription that another process runs. */
  readonly look: number
}

interface StatusRow {
  readonly epoch: bigint
  readonly name: string
  readonly position: bigint
  readonly head: bigint
  readonly failures: number
  readonly failure: string | null
  readonly stopped: boolean
  readonly held: boolean
  readonly moved_at: Date
}

/** `schema`: where the tables are, since a client given for transactions may look names up elsewhere. */
export const makeSubscriptionRows = (sql: SqlClient, schema: string, times: SubscriptionTimes) => {
  const table = sql.literal(`${schema}.subscription`)
  const head = sql.literal(`(select position from ${schema}.log_head)`)
  const until = sql.literal(`clock_timestamp() + interval '${times.duration} milliseconds'`)
  const isHeld = sql.literal("(owner is not null and expires_at >= clock_timestamp())")
  const start = (from: SubscriptionStart) =>
    from === "beginning"
      ? sql.literal("0")
      : from === "now"
        ? head
        : sql`least(${from.after}::bigint, ${head})`
  const found = <A>(rows: ReadonlyArray<A>) => rows.length > 0

  return {
    client: sql,

    /** Makes the row of a name that is new, and lets one that has stopped go on. */
    open: (name: string, from: SubscriptionStart) => sql`
      insert into ${table} as known (name, position) values (${name}, ${start(from)})
      on conflict (name) do update set stopped = false, failures = 0, failure = null where known.stopped`,

    /** Takes the lease if nobody holds it; `undefined` when somebody does, or when it has stopped. */
    take: (name: string, owner: string) =>
      Effect.map(
        sql<{ readonly epoch: bigint; readonly position: bigint; readonly failures: number }>`
          update ${table} set owner = ${owner}, epoch = epoch + 1, expires_at = ${until}
          where name = ${name} and not stopped and not ${isHeld}
          returning epoch, position, failures`,
        ([row]): HeldLease | undefined =>
          row && { epoch: row.epoch, failures: row.failures, through: Number(row.position) }
      ),

    /** Renews the lease, and moves the checkpoint over events that were left out. False: it is another's now. */
    renew: (name: string, epoch: bigint, through: number) =>
      Effect.map(
        sql`update ${table} set expires_at = ${until}, position = greatest(position, ${through})
          where name = ${name} and epoch = ${epoch} returning 1`,
        found
      ),

    /**
     * Moves the checkpoint from somewhere up to `from` to `to`. False: it is another's now, or a commit whose answer was lost has moved
     * it already. `client` may be another one, in a transaction.
     */
    advance: (
      client: SqlClient,
      name: string,
      { epoch, from, to }: { readonly epoch: bigint; readonly from: number; readonly to: number }
    ) =>
      Effect.map(
        client`update ${table} set position = ${to}, expires_at = ${until}, moved_at = clock_timestamp(), failures = 0, failure = null
          where name = ${name} and epoch = ${epoch} and position <= ${from} returning 1`,
        found
      ),

    /** Notes a failure. False: it is another's now. */
    fail: (
      name: string,
      epoch: bigint,
      failed: { readonly failures: number; readonly failure: string; readonly stop: boolean }
    ) =>
      Effect.map(
        sql`update ${table} set failures = ${failed.failures}, failure = ${failed.failure}, stopped = ${failed.stop},
            expires_at = ${until}
          where name = ${name} and epoch = ${epoch} returning 1`,
        found
      ),

    /** Gives the lease back, and the checkpoint past what was left out. */
    release: (name: string, epoch: bigint, through: number) => sql`
      update ${table} set owner = null, position = greatest(position, ${through}) where name = ${name} and epoch = ${epoch}`,

    /** By name, or all. */
    read: (name?: string) =>
      Effect.map(
        sql<StatusRow>`
          select name, epoch, position, ${head} as head, failures, failure, stopped, ${isHeld} as held, moved_at from ${table}
          ${name === undefined ? sql.literal("") : sql`where name = ${name}`} order by name`,
        (rows) => rows.map(statusOf)
      ),

    /** False: there is no such name. */
    reset: (name: string, to: SubscriptionStart) =>
      Effect.map(
        sql`update ${table} set position = ${start(to)}, epoch = epoch + 1, owner = null, stopped = false, failures = 0, failure = null
          where name = ${name} returning 1`,
        found
      ),

    /** False: it is held, or there is no such name. */
    remove: (name: string) =>
      Effect.map(sql`delete from ${table} where name = ${name} and not ${isHeld} returning 1`, found)
  }
}

export type SubscriptionRows = ReturnType<typeof makeSubscriptionRows>

const statusOf = (row: StatusRow): { readonly epoch: bigint; readonly status: SubscriptionStatus } => ({
  epoch: row.epoch,
  status: {
    name: row.name,
    state: row.stopped ? "stopped" : !row.held ? "idle" : row.failures > 0 ? "retrying" : "running",
    position: Number(row.position),
    behind: Number(row.head - row.position),
    failures: row.failures,
    failure: row.failure,
    movedAt: row.moved_at.toISOString()
  }
})
