/** Handles events, batch after batch, under a lease. */
import type { LoggedEvent } from "@spillway/contracts"
import { Cause, Effect, Exit, Fiber, Option, Schema } from "effect"
import { SqlError } from "effect/sql/SqlError"
import { followAgain } from "../Publisher.ts"
import { outageError } from "../postgres/outageReason.ts"
import { OutageWatch } from "../postgres/OutageWatch.ts"
import { causeText } from "../postgres/sqlFailure.ts"
import { type Batch, nextBatch } from "./nextBatch.ts"
import { DEFAULT_BATCH_SIZE, DEFAULT_RETRY, type HeldLease, type SubscriptionRun } from "./SubscriptionRun.ts"

/** The checkpoint is another's now, or further on than was known here. */
class Overtaken extends Schema.TaggedError<Overtaken>("@spillway/orchestration/subscriptions/Overtaken")(
  "Overtaken",
  {}
) {}

/** Of a failure so much is kept, in characters. */
const FAILURE_LENGTH = 2_000

/** Returns when it is overtaken, when it gives up, when the database is away for its transaction, or when it should stop. */
export const consume = Effect.fnUntraced(function* <E, R>(run: SubscriptionRun<E, R>, lease: HeldLease) {
  const { definition, moved, publisher, rows, stopping } = run
  const { batchSize = DEFAULT_BATCH_SIZE, handle, name, transaction, types } = definition
  const {
    attempts = DEFAULT_RETRY.attempts,
    firstDelay = DEFAULT_RETRY.firstDelay,
    longestDelay = DEFAULT_RETRY.longestDelay
  } = definition.retry ?? {}
  const outage = yield* OutageWatch
  let size = lease.failures > 0 ? 1 : batchSize

  /** `none` when it should stop. */
  const unlessStopping = <A>(effect: Effect.Effect<A>) =>
    Effect.raceFirst(Effect.asSome(effect), Effect.as(stopping.await, Option.none<A>()))

  const advance = (to: number, client = rows.client) =>
    Effect.filterOrFail(
      rows.advance(client, name, { epoch: lease.epoch, from: lease.through, to }),
      (isOurs) => isOurs,
      () => new Overtaken()
    )

  const handleBatch = ({ events, through }: Batch) =>
    transaction === undefined
      ? Effect.andThen(
          handle(events),
          Effect.retry(advance(through), {
            schedule: followAgain,
            while: (error) => error._tag === "SqlError"
          })
        )
      : transaction.withTransaction(Effect.andThen(handle(events), advance(through, transaction)))

  /** True when the event is to be tried again. */
  const failed = Effect.fnUntraced(function* (event: LoggedEvent, cause: Cause.Cause<unknown>) {
    const failures = lease.failures + 1
    const stop = failures >= attempts
    const failure = failureOf(event, cause)
    yield* stop
      ? Effect.logError(`The subscription "${name}" has stopped. ${failure}`, cause)
      : Effect.logWarning(`The subscription "${name}" tries again. ${failure}`, cause)
    if (!(yield* rows.fail(name, lease.epoch, { failures, failure, stop })) || stop) return false
    lease.failures = failures
    yield* unlessStopping(Effect.sleep(Math.min(firstDelay * 2 ** (failures - 1), longestDelay)))
    return true
  })

  while (true) {
    const read = yield* unlessStopping(nextBatch(publisher, lease.through, size, types))
    if (Option.isNone(read)) return
    const batch = read.value
    if (batch.events.length > 0) {
      // In a fiber of its own: however it ends, that is its outcome and not ours.
      const handling = yield* Effect.forkChild(handleBatch(batch))
      const outcome = yield* Effect.onInterrupt(Fiber.await(handling), () => Fiber.interrupt(handling))
      if (Exit.isFailure(outcome)) {
        if (Option.getOrUndefined(Cause.findErrorOption(outcome.cause)) instanceof Overtaken) return
        const away = transaction === undefined ? undefined : outageError(outcome.cause)
        if (away !== undefined) {
          // No fault of the event's.
          outage.failed(away)
          return
        }
        // Which of them it was is found by taking them one by one.
        size = 1
        if (batch.events.length === 1 && !(yield* failed(batch.events[0]!, outcome.cause))) return
        continue
      }
      lease.failures = 0
      size = Math.min(size * 2, batchSize)
    }
    lease.through = batch.through
    moved(lease)
  }
})

const failureOf = (event: LoggedEvent, cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  const said =
    error instanceof SqlError ? causeText(error) : error instanceof Error ? error.message : String(error)
  const which = `The event at position ${event.position} (${event.type}, version ${event.version} of ${event.threadId}) can't be handled`
  return `${which}: ${said}`.slice(0, FAILURE_LENGTH)
}
