/** How every projection stands, as the database says: whichever processes run, or none. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import type { Unavailable } from "../EventLog.ts"
import { unavailable } from "../postgres/sqlFailure.ts"
import { rebuildLock } from "./rebuild/rebuildLock.ts"
import type { RebuildPhase } from "./rebuild/RebuildProgress.ts"
import { threadTables } from "./threads/tables.ts"
import { threadShape } from "./threads/threadShape.ts"

export interface RebuildStand {
  /** `threads`, `indexes`, `events`: see docs/projections.md. */
  readonly phase: RebuildPhase
  /** Whether somebody is at it now. One that was cut off goes on where it was when it is begun again. */
  readonly running: boolean
  /** Events in the new tables, and in the log. */
  readonly events: number
  readonly of: number
  readonly percent: number
  /** Events a second, since this run began; 0 before the first are written. */
  readonly rate: number
  /** Seconds that it will take at this rate; `null` while that can't be told. Indexes are not in it. */
  readonly etaSeconds: number | null
  readonly startedAt: string
  /** Why it ended without new tables. */
  readonly failed: string | null
}

export interface ProjectionStand {
  readonly projection: string
  /** Which tables these are: each rebuild counts one more. */
  readonly generation: number
  /** Of the tables, and what this Spillway writes: an older one is rebuilt when a server starts. */
  readonly shape: { readonly tables: number; readonly spillway: number }
  readonly position: number
  readonly head: number
  readonly behind: number
  /** The age of the first event that the tables do not hold; 0 when they hold all. */
  readonly lagSeconds: number
  /** The event that can't be projected, and what is said of it. */
  readonly failed: { readonly position: number; readonly message: string } | null
  readonly bytes: number
  readonly rebuild: RebuildStand | null
}

interface Row {
  readonly version: number | null
  readonly generation: number | null
  readonly position: bigint | null
  readonly failed: string | null
  readonly head: bigint
  readonly lag: number | null
  readonly bytes: bigint | null
}

interface StoredRebuild {
  readonly phase: RebuildPhase
  readonly running: boolean
  readonly target: bigint
  readonly done: bigint
  readonly seconds: number
  readonly from: bigint
  readonly started_at: Date
  readonly failed: string | null
}

const read = Effect.gen(function* () {
  const sql = yield* SqlClient
  const { name, version } = threadShape
  const [row] = yield* sql<Row>`
    select p.version, p.generation, p.position, p.failed, h.position as head,
      (select extract(epoch from now() - e.at)::float8 from event e
        where e.position = coalesce(p.position, 0) + 1) as lag,
      (select sum(pg_total_relation_size(c.oid))::bigint from pg_class c
        where c.relnamespace = current_schema()::regnamespace and relname = any(${Object.keys(threadTables)}::text[])) as bytes
    from log_head h left join projection p on p.name = ${name}`
  const [rebuild] = yield* sql<StoredRebuild>`
    select phase, target, greatest(loaded, position) as done, run_from as "from", started_at, failed,
      extract(epoch from moved_at - run_at)::float8 as seconds,
      exists (
        select from pg_locks
        where locktype = 'advisory' and granted and objsubid = 1
          and database = (select oid from pg_database where datname = current_database())
          and (classid::bigint << 32) | objid::bigint = ${sql.literal(rebuildLock(name))}
      ) as running
    from projection_rebuild where name = ${name}`
  return [standOf(name, version, row!, rebuild)]
})

const standOf = (
  projection: string,
  spillway: number,
  row: Row,
  rebuild: StoredRebuild | undefined
): ProjectionStand => {
  const [position, head] = [Number(row.position ?? 0), Number(row.head)]
  return {
    projection,
    generation: row.generation ?? 1,
    shape: { tables: row.version ?? spillway, spillway },
    position,
    head,
    behind: Math.max(0, head - position),
    lagSeconds: Math.max(0, Math.round((row.lag ?? 0) * 1_000) / 1_000),
    failed: row.failed === null ? null : { position: position + 1, message: row.failed },
    bytes: Number(row.bytes ?? 0),
    rebuild: rebuild === undefined ? null : rebuildOf(rebuild, head)
  }
}

const rebuildOf = (row: StoredRebuild, head: number): RebuildStand => {
  const events = Number(row.done)
  const of = Math.max(head, events)
  const rate = row.seconds > 0 ? Math.round((events - Number(row.from)) / row.seconds) : 0
  return {
    phase: row.phase,
    running: row.running,
    events,
    of,
    percent: of === 0 ? 100 : Math.floor((events * 1_000) / of) / 10,
    rate,
    etaSeconds: row.running && rate > 0 ? Math.ceil((of - events) / rate) : null,
    startedAt: row.started_at.toISOString(),
    failed: row.failed
  }
}

export const projectionsStatus: Effect.Effect<
  ReadonlyArray<ProjectionStand>,
  Unavailable,
  SqlClient
> = read.pipe(Effect.mapError(unavailable), Effect.withSpan("Projections.status"))
