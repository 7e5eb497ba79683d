/**
 * Runs a projection behind the log: its rows and its checkpoint move in one transaction, under the lock of the checkpoint's
 * row, and only from where that row says it stands. So two processes that project at once do no harm; the one that finds
 * itself overtaken stands by until the other one stops. Tables that took the place of those it wrote, by a rebuild, it goes on
 * with; tables of an older shape are built again first.
 */
import type { LoggedEvent } from "@spillway/contracts"
import { Cause, Effect, Random, Schema, Stream } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import { SqlError } from "effect/sql/SqlError"
import { Unavailable } from "../EventLog.ts"
import { answerWithin } from "../postgres/answerWithin.ts"
import { outageError } from "../postgres/outageReason.ts"
import { OutageWatch } from "../postgres/OutageWatch.ts"
import { unavailable } from "../postgres/sqlFailure.ts"
import type { Publisher } from "../Publisher.ts"
import { type Checkpoint, type Stand, statusOf } from "./Checkpoint.ts"
import type { CheckpointWatch } from "./CheckpointWatch.ts"
import { isRefused } from "./isRefused.ts"
import type { Projection } from "./Projection.ts"

/** Between two looks at a checkpoint that another process moves. */
const STAND_BY_LOOK = "500 millis"

/** How long a batch may take. Milliseconds. */
const COMMIT_TIMEOUT = 30_000

const FIRST_RETRY = 50
const LONGEST_RETRY = 2_000

/** Another process has moved the checkpoint. */
class Overtaken extends Schema.TaggedError<Overtaken>("@spillway/orchestration/Overtaken")("Overtaken", {}) {}

/** Other tables have taken the place of those that it wrote. */
class Replaced extends Schema.TaggedError<Replaced>("@spillway/orchestration/Replaced")("Replaced", {}) {}

/** This one event can't be projected; those before it are. */
class Poisoned extends Schema.TaggedError<Poisoned>("@spillway/orchestration/Poisoned")("Poisoned", {
  checkpoint: Schema.Int,
  message: Schema.String
}) {}

export interface ProjectionRun {
  readonly sql: SqlClient
  readonly publisher: Publisher["Service"]
  readonly projection: Projection
  readonly checkpoint: Checkpoint
  readonly watch: CheckpointWatch
  /** Builds tables of the projection's own shape, and returns when they are in place or when that is another process's to do. */
  readonly rebuild: Effect.Effect<void, Unavailable>
}

/** For ever. */
export const runProjection = Effect.fnUntraced(function* (run: ProjectionRun) {
  const { checkpoint, projection, publisher, sql, watch } = run
  const outage = yield* OutageWatch
  let retry = FIRST_RETRY
  /** That of the tables which `projection` remembers. */
  let generation = 0

  const commit = Effect.fnUntraced(function* (events: ReadonlyArray<LoggedEvent>) {
    const transaction = sql.withTransaction(
      Effect.gen(function* () {
        const stand = yield* checkpoint.lock
        if (stand.generation !== generation) return yield* new Replaced()
        if (stand.checkpoint !== events[0]!.position - 1) return yield* new Overtaken()
        const written = yield* projection.project(events)
        yield* checkpoint.advance(lastOf(events).position)
        return written
      })
    )
    const written = yield* answerWithin(COMMIT_TIMEOUT)(transaction)
    written()
    watch.tell({ projection: projection.name, checkpoint: lastOf(events).position, failed: null })
    retry = FIRST_RETRY
  })

  /** Commits the batch; where that fails for what is in it, in halves, down to the event that can't be projected. */
  const project = (
    events: ReadonlyArray<LoggedEvent>
  ): Effect.Effect<void, Unavailable | Overtaken | Replaced | Poisoned> =>
    Effect.catchCause(commit(events), (cause) => {
      if (Cause.hasInterrupts(cause)) return Effect.interrupt
      const obstacle = obstacleOf(cause)
      if (obstacle !== undefined) return Effect.fail(obstacle)
      if (events.length === 1) return poisoned(events[0]!, cause)
      const half = Math.ceil(events.length / 2)
      return Effect.andThen(
        project(events.slice(0, half)),
        Effect.suspend(() => project(events.slice(half)))
      )
    })

  const poisoned = (event: LoggedEvent, cause: Cause.Cause<unknown>) => {
    const message = `The event at position ${event.position} (${event.type}, version ${event.version} of ${event.threadId}) can't be projected.`
    return Effect.andThen(
      Effect.logError(message, cause),
      Effect.fail(new Poisoned({ checkpoint: event.position - 1, message }))
    )
  }

  /** Follows the log until it is overtaken, cut off or stuck. */
  const follow = Effect.gen(function* () {
    const stand = yield* checkpoint.start
    watch.tell(statusOf(stand))
    if (stand.version > projection.version) return yield* awaitOwnShape(stand)
    if (stand.version < projection.version) return yield* run.rebuild
    generation = stand.generation
    yield* Stream.runForEach(publisher.follow(stand.checkpoint), project)
  })

  /** A newer Spillway has built the tables, and keeps them up: here they are read as far as they are understood. */
  const awaitOwnShape = Effect.fnUntraced(function* ({ version }: Stand) {
    yield* Effect.logWarning(
      `The tables of the projection "${projection.name}" are of a newer Spillway (shape ${version}, here ${projection.version}): replace this process soon`
    )
    while (true) {
      yield* Effect.sleep(STAND_BY_LOOK)
      const stand = yield* checkpoint.read
      watch.tell(statusOf(stand))
      if (stand.version <= projection.version) return
    }
  })

  /** Returns once whoever moves the checkpoint has left it behind the log for a while, or the tables are other ones. */
  const standBy = Effect.gen(function* () {
    let before = -1
    while (true) {
      const stand = yield* checkpoint.read
      watch.tell(statusOf(stand))
      if (stand.generation !== generation) return
      const behind = stand.failed === null && stand.checkpoint < publisher.head()
      if (behind && stand.checkpoint === before) return
      before = behind ? stand.checkpoint : -1
      yield* Effect.sleep(STAND_BY_LOOK)
    }
  })

  const fail = Effect.fnUntraced(function* ({ checkpoint: position, message }: Poisoned) {
    yield* checkpoint.fail(position, message)
    yield* standBy
  })

  /** Whatever it was, it may pass: nothing here ends while the process lives. */
  const wait = Effect.fnUntraced(function* (cause: Cause.Cause<unknown>) {
    const away = outageError(cause)
    // That is said once, for all that are let down by it.
    if (away !== undefined) outage.failed(away)
    else if (retry === FIRST_RETRY) {
      yield* Effect.logWarning(`The projection "${projection.name}" can't go on now and tries again`, cause)
    }
    yield* Effect.sleep(retry * (0.5 + 0.5 * (yield* Random.next)))
    retry = Math.min(retry * 2, LONGEST_RETRY)
  })

  return yield* follow.pipe(
    Effect.catchTags({ Overtaken: () => standBy, Poisoned: fail, Replaced: () => Effect.void }),
    Effect.catchCause((cause) => (Cause.hasInterrupts(cause) ? Effect.interrupt : wait(cause))),
    Effect.ensuring(Effect.sync(() => projection.forget())),
    Effect.forever
  )
  // It runs for ever: no trace would end.
}, Effect.withTracerEnabled(false))

const lastOf = (events: ReadonlyArray<LoggedEvent>): LoggedEvent => events[events.length - 1]!

/**
 * What other than the events themselves kept a commit from happening; `undefined` when they would fail again. A connection
 * that broke shows as a defect too: then the rollback failed.
 */
const obstacleOf = (
  cause: Cause.Cause<SqlError | Unavailable | Overtaken | Replaced>
): Unavailable | Overtaken | Replaced | undefined => {
  for (const reason of cause.reasons) {
    const error = Cause.isFailReason(reason)
      ? reason.error
      : Cause.isDieReason(reason)
        ? reason.defect
        : undefined
    if (error instanceof Overtaken || error instanceof Replaced || error instanceof Unavailable) return error
    if (error instanceof SqlError && !isRefused(error)) return unavailable(error)
  }
  return undefined
}
