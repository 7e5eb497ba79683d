/** How far a rebuild is, as its row says: see `projection_rebuild`. */
import { Clock, Effect, Schema } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"

export type RebuildPhase = "threads" | "indexes" | "events"

export interface RebuildRow {
  readonly phase: RebuildPhase
  /** Threads are folded up to here; what comes later is projected. */
  readonly target: number
  /** Events of the threads that are in the new tables. */
  readonly loaded: number
  readonly position: number
  /** The last thread that is in them. */
  readonly after: { readonly tenant: string; readonly thread_id: string } | null
}

/** Another rebuild has begun: this one has nothing to move any more. */
export class TakenOver extends Schema.TaggedError<TakenOver>("@spillway/orchestration/TakenOver")(
  "TakenOver",
  {}
) {}

interface StoredRow {
  readonly phase: RebuildPhase
  readonly target: bigint
  readonly loaded: bigint
  readonly position: bigint
  readonly tenant: string | null
  readonly thread_id: string | null
}

const read = ([row]: ReadonlyArray<StoredRow>): RebuildRow | undefined =>
  row && {
    phase: row.phase,
    target: Number(row.target),
    loaded: Number(row.loaded),
    position: Number(row.position),
    after: row.tenant === null ? null : { tenant: row.tenant, thread_id: row.thread_id! }
  }

export interface RebuildOf {
  readonly name: string
  readonly version: number
  /** Who folds: what another one began is not gone on with. */
  readonly build: string
  /** This run of it. */
  readonly run: string
}

export const makeRebuildProgress = (sql: SqlClient, { build, name, run, version }: RebuildOf) => {
  const columns = sql.literal("phase, target, loaded, position, tenant, thread_id")
  const moved = (rows: ReadonlyArray<StoredRow>) => {
    const row = read(rows)
    return row === undefined ? Effect.fail(new TakenOver()) : Effect.succeed(row)
  }
  return {
    /** A new one, up to where the log is now. */
    begin: Effect.flatMap(
      sql<StoredRow>`
        insert into projection_rebuild (name, version, build, run, target)
        select ${name}, ${version}, ${build}, ${run}, position from log_head
        on conflict (name) do update set
          version = excluded.version, build = excluded.build, run = excluded.run, target = excluded.target,
          loaded = 0, position = 0, run_from = 0, phase = 'threads', tenant = null, thread_id = null, failed = null,
          started_at = clock_timestamp(), run_at = clock_timestamp(), moved_at = clock_timestamp()
        returning ${columns}`,
      moved
    ),
    /** Takes one that was cut off as its own; there is none where it failed, or folded otherwise. */
    resume: Effect.map(
      sql<StoredRow>`
        update projection_rebuild set
          run = ${run}, run_from = greatest(loaded, position), run_at = clock_timestamp(), moved_at = clock_timestamp()
        where name = ${name} and version = ${version} and build = ${build} and failed is null
        returning ${columns}`,
      read
    ),
    /** With the rows of these threads, in their transaction. */
    loaded: (events: number, after: NonNullable<RebuildRow["after"]>) =>
      Effect.flatMap(
        sql<StoredRow>`
          update projection_rebuild set
            loaded = loaded + ${events}, tenant = ${after.tenant}, thread_id = ${after.thread_id}, moved_at = clock_timestamp()
          where name = ${name} and run = ${run} returning ${columns}`,
        moved
      ),
    enter: (phase: RebuildPhase) =>
      Effect.flatMap(
        sql<StoredRow>`
          update projection_rebuild set
            phase = ${phase}, position = case ${phase}::text when 'events' then target else 0 end, moved_at = clock_timestamp()
          where name = ${name} and run = ${run} returning ${columns}`,
        moved
      ),
    /** With the rows of the events up to there, in their transaction. */
    advance: (position: number) =>
      Effect.flatMap(
        sql<StoredRow>`
          update projection_rebuild set position = ${position}, moved_at = clock_timestamp()
          where name = ${name} and run = ${run} returning ${columns}`,
        moved
      ),
    fail: (message: string) =>
      Effect.asVoid(
        sql`update projection_rebuild set failed = ${message} where name = ${name} and run = ${run}`
      ),
    end: Effect.flatMap(
      sql<StoredRow>`delete from projection_rebuild where name = ${name} and run = ${run} returning ${columns}`,
      moved
    )
  }
}

export type RebuildProgress = ReturnType<typeof makeRebuildProgress>

export interface RebuildStep {
  readonly phase: RebuildPhase | "switch"
  /** Events in the new tables. */
  readonly events: number
  /** Events in the log. */
  readonly of: number
  /** Events a second, since this run began; 0 at first. */
  readonly rate: number
  /** While indexes are built: how many are, and how many there will be. */
  readonly index?: { readonly done: number; readonly of: number }
}

/** How long a run has to go on before its speed says something. Milliseconds. */
const SPEED_AFTER = 250

/** Says with each step how fast this run is. */
export const makeSteps = Effect.fnUntraced(function* (from: number, onStep: (step: RebuildStep) => void) {
  const began = yield* Clock.currentTimeMillis
  return (phase: RebuildStep["phase"], events: number, of: number, index?: RebuildStep["index"]) =>
    Effect.map(Clock.currentTimeMillis, (now) =>
      onStep({
        phase,
        events,
        of: Math.max(of, events),
        rate: now - began > SPEED_AFTER ? Math.round(((events - from) * 1_000) / (now - began)) : 0,
        ...(index !== undefined && { index })
      })
    )
})
