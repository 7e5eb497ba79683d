/**
 * Builds a projection's tables anew from the log, beside the ones that serve, while everything goes on; then puts them in their place.
 *
 * 1. Threads are folded whole, up to where the log is at the beginning, and written to tables without indexes; 2. these get their
 * indexes; 3. what was committed meanwhile is projected, as the live projection does; 4. the switch: one transaction that locks the
 * checkpoint, projects what is left up to it, so that the new tables are never behind the old ones, and exchanges them. Readers wait for
 * that exchange alone. Whoever projects notices the new generation and goes on with it.
 *
 * Rows and progress are committed together: what was cut off goes on where it was.
 */
import type { LoggedEvent } from "@spillway/contracts"
import { Cause, Effect } from "effect"
import { randomUUID } from "node:crypto"
import { SqlClient } from "effect/sql/SqlClient"
import { SqlError } from "effect/sql/SqlError"
import { EventLog, Unavailable } from "../../EventLog.ts"
import { unavailable } from "../../postgres/sqlFailure.ts"
import { makeCheckpoint } from "../Checkpoint.ts"
import { isRefused } from "../isRefused.ts"
import { threadTables } from "../threads/tables.ts"
import { makeThreadProjection } from "../threads/threadProjection.ts"
import { projectionNames, threadShape } from "../threads/threadShape.ts"
import { loadThreads } from "./loadThreads.ts"
import { isHeldUp, makeNextTables } from "./NextTables.ts"
import { aheadOfLog, poisoned, RebuildFailed, RebuildRunning, running, unreleased } from "./RebuildError.ts"
import { holdLock } from "./rebuildLock.ts"
import { makeRebuildProgress, makeSteps, type RebuildStep, TakenOver } from "./RebuildProgress.ts"

/** Events that are projected in one transaction. */
const BATCH = 1_024

/** With at most so many events behind the log, the switch is tried: it holds the checkpoint while it projects them. */
const CLOSE = 512

/** How often the switch is tried, when readers do not let go of the tables. */
const SWITCHES = 600

/** Between two tries. Milliseconds, at first and at most. */
const [FIRST_WAIT, LONGEST_WAIT] = [50, 1_000]

export interface RebuildOptions {
  /** Forget what an earlier rebuild that was cut off has done. Default: false. */
  readonly restart?: boolean
  /** Names the code that folds: what another one began is begun again. Default: the shape of the tables. */
  readonly build?: string
  readonly onStep?: (step: RebuildStep) => void
}

export interface RebuildReport {
  readonly projection: string
  readonly generation: number
  /** Where the new tables stood when they took their place. */
  readonly position: number
  /** How many events an earlier run had done already. */
  readonly resumedAt: number
  /** Events that this run folded, and how many of them a second. */
  readonly events: number
  readonly rate: number
  readonly seconds: number
  /** The longest that readers were kept waiting, in milliseconds: the switch, and tries that gave up. */
  readonly longestLock: number
  /** How often the switch was tried. */
  readonly switches: number
}

const rebuildThreads = Effect.fn("Projections.rebuild")(
  function* ({ build = `shape ${threadShape.version}`, onStep = () => {}, restart = false }: RebuildOptions) {
    const sql = yield* SqlClient
    const log = yield* EventLog
    const { name } = threadShape
    yield* holdLock(sql, name)

    const tables = yield* makeNextTables(sql, name, Object.keys(threadTables))
    const progress = makeRebuildProgress(sql, { ...threadShape, build, run: randomUUID() })
    const projection = makeThreadProjection(sql, log)
    const checkpoint = makeCheckpoint(sql, threadShape)

    const begin = Effect.gen(function* () {
      yield* tables.create
      return yield* progress.begin
    })
    const resumed = restart || !(yield* tables.exist) ? undefined : yield* progress.resume
    const first = resumed ?? (yield* begin)
    const from = Math.max(first.loaded, first.position)
    const began = performance.now()
    const step = yield* makeSteps(from, onStep)
    yield* Effect.logInfo(
      resumed === undefined
        ? `Rebuilding the projection "${name}" from ${first.target} events`
        : `Going on with the rebuild of the projection "${name}" at ${from} of ${first.target} events`
    )

    const load = Effect.gen(function* () {
      yield* step("threads", first.loaded, first.target)
      yield* loadThreads(
        {
          sql,
          projection: name,
          tables,
          progress,
          onLoaded: (row) => step("threads", row.loaded, row.target)
        },
        first
      )
      yield* progress.enter("indexes")
    })

    const index = Effect.gen(function* () {
      const { target } = first
      const addIndexes = tables.addIndexes((done, of) => step("indexes", target, target, { done, of }))
      yield* sql.withTransaction(Effect.andThen(addIndexes, progress.enter("events")))
    })

    const commit = (events: ReadonlyArray<LoggedEvent>) =>
      Effect.tap(
        sql.withTransaction(
          Effect.gen(function* () {
            yield* tables.enter
            const written = yield* projection.project(events)
            yield* progress.advance(events.at(-1)!.position)
            return written
          })
        ),
        (written) => Effect.sync(written)
      )

    /** In halves, down to the event that can't be projected. */
    const project = (
      events: ReadonlyArray<LoggedEvent>
    ): Effect.Effect<void, SqlError | Unavailable | TakenOver | RebuildFailed> =>
      Effect.catchCause(Effect.asVoid(commit(events)), (cause) => {
        if (!isOfEvents(cause)) return Effect.failCause(cause)
        projection.forget()
        if (events.length === 1) return Effect.fail(poisoned(name, events[0]!))
        const half = Math.ceil(events.length / 2)
        return Effect.andThen(
          project(events.slice(0, half)),
          Effect.suspend(() => project(events.slice(half)))
        )
      })

    const catchUp = Effect.fnUntraced(function* (after: number) {
      let position = after
      while (true) {
        const head = yield* log.head
        yield* step("events", position, head)
        if (head - position <= CLOSE) return position
        const events = yield* log.readLog({ afterPosition: position, limit: BATCH })
        yield* project(events)
        position = events.at(-1)!.position
      }
    })

    let longestLock = 0
    /** Nothing of it stays when a reader does not let go: neither rows nor locks. */
    const exchange = (after: number) =>
      Effect.gen(function* () {
        let locked = 0
        const exit = yield* Effect.exit(
          sql.withTransaction(
            Effect.gen(function* () {
              const stand = yield* checkpoint.lock
              yield* tables.enter
              let position = after
              while (position < stand.checkpoint) {
                const limit = Math.min(BATCH, stand.checkpoint - position)
                const events = yield* log.readLog({ afterPosition: position, limit })
                if (events.length === 0) return yield* aheadOfLog(name, stand.checkpoint, position)
                yield* projection.project(events)
                position = events.at(-1)!.position
              }
              yield* checkpoint.replace(position)
              yield* progress.end
              yield* tables.takePlace(() => (locked = performance.now()))
              return { position, generation: stand.generation + 1 }
            })
          )
        )
        if (locked > 0) longestLock = Math.max(longestLock, performance.now() - locked)
        // What it remembers is of a transaction that may not have happened.
        projection.forget()
        return yield* exit
      })

    const takePlace = Effect.gen(function* () {
      let wait = FIRST_WAIT
      let position = Math.max(first.target, first.position)
      for (let tries = 1; ; tries++) {
        position = yield* catchUp(position)
        yield* step("switch", position, position)
        const switched = yield* exchange(position).pipe(
          Effect.catchIf(
            (error) => error instanceof SqlError && isHeldUp(error) && tries < SWITCHES,
            () => Effect.undefined
          )
        )
        if (switched !== undefined) return { ...switched, switches: tries }
        yield* Effect.sleep(wait)
        wait = Math.min(wait * 2, LONGEST_WAIT)
      }
    })

    const newTables = Effect.gen(function* () {
      if (first.phase === "threads") yield* load
      if (first.phase !== "events") yield* index
      return yield* takePlace
    })

    const { generation, position, switches } = yield* Effect.tapError(newTables, (error) =>
      error._tag === "RebuildFailed"
        ? Effect.ignore(Effect.andThen(progress.fail(error.message), tables.dropNext))
        : Effect.void
    )
    yield* tables.dropReplaced
    const seconds = (performance.now() - began) / 1_000
    const report: RebuildReport = {
      projection: name,
      generation,
      position,
      resumedAt: from,
      events: position - from,
      rate: Math.round((position - from) / seconds),
      seconds: Math.round(seconds * 1_000) / 1_000,
      longestLock: Math.round(longestLock * 10) / 10,
      switches
    }
    yield* Effect.logInfo(`Rebuilt the projection "${name}"`, report)
    return report
  },
  Effect.scoped,
  Effect.catchTags({
    SqlError: (error) => Effect.fail(isHeldUp(error) ? unreleased(threadShape.name) : unavailable(error)),
    TakenOver: () => Effect.fail(running(threadShape.name))
  })
)

/** One after the other; all of them by default. While one is being rebuilt nobody else can begin it. */
export const rebuildProjections = Effect.fnUntraced(function* (
  names: ReadonlyArray<string> = projectionNames,
  options: RebuildOptions = {}
): Effect.fn.Return<
  ReadonlyArray<RebuildReport>,
  RebuildFailed | RebuildRunning | Unavailable,
  SqlClient | EventLog
> {
  const unknown = names.find((name) => !projectionNames.includes(name))
  if (unknown !== undefined) {
    return yield* new RebuildFailed({
      projection: unknown,
      message: `There is no projection "${unknown}": there is ${projectionNames.map((name) => `"${name}"`).join(", ")}.`
    })
  }
  return names.length === 0 ? [] : [yield* rebuildThreads(options)]
})

/** Whether it is the events themselves that can't be projected. */
const isOfEvents = (cause: Cause.Cause<SqlError | Unavailable | TakenOver>): boolean =>
  !Cause.hasInterrupts(cause) &&
  cause.reasons.every((reason) => {
    const error = Cause.isFailReason(reason)
      ? reason.error
      : Cause.isDieReason(reason)
        ? reason.defect
        : undefined
    if (error instanceof Unavailable || error instanceof TakenOver) return false
    return !(error instanceof SqlError) || isRefused(error)
  })
