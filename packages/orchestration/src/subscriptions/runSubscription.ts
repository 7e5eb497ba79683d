/**
 * Runs one subscription in one process: waits for its lease, handles events while it holds it, and waits again. Everything that matters
 * is in the row: whoever takes the lease goes on from there.
 */
import { Cause, Effect } from "effect"
import { followAgain } from "../Publisher.ts"
import { answerWithin } from "../postgres/answerWithin.ts"
import { outageError } from "../postgres/outageReason.ts"
import { OutageWatch } from "../postgres/OutageWatch.ts"
import { READ_TIMEOUT } from "../postgres/reading.ts"
import { consume } from "./consume.ts"
import { keepLease } from "./keepLease.ts"
import type { HeldLease, SubscriptionRun } from "./SubscriptionRun.ts"

/** How long giving the lease back may take. */
const RELEASE_TIMEOUT = "2 seconds"

/** Until it should stop. */
export const runSubscription = Effect.fnUntraced(function* <E, R>(run: SubscriptionRun<E, R>) {
  const { definition, owner, rows, stopping, times } = run
  const { name } = definition
  const outage = yield* OutageWatch

  const giveBack = (lease: HeldLease) =>
    rows.release(name, lease.epoch, lease.through).pipe(Effect.timeout(RELEASE_TIMEOUT), Effect.ignore)

  const hold = (lease: HeldLease) =>
    Effect.raceFirst(consume(run, lease), keepLease(run, lease)).pipe(
      Effect.catchCause((cause) =>
        Cause.hasInterruptsOnly(cause)
          ? Effect.interrupt
          : Effect.suspend(() => {
              const away = outageError(cause)
              if (away === undefined) {
                return Effect.logWarning(`The subscription "${name}" can't go on now and tries again`, cause)
              }
              outage.failed(away)
              return Effect.void
            })
      ),
      Effect.ensuring(Effect.suspend(() => giveBack(lease)))
    )

  const stopsWithin = (milliseconds: number) =>
    Effect.timeoutOrElse(Effect.as(stopping.await, true), {
      duration: milliseconds,
      orElse: () => Effect.succeed(false)
    })

  while (true) {
    const lease = yield* rows
      .take(name, owner)
      .pipe(
        answerWithin(READ_TIMEOUT),
        Effect.retry(followAgain),
        Effect.orDie,
        Effect.raceFirst(Effect.as(stopping.await, undefined))
      )
    if (lease !== undefined) yield* hold(lease)
    // Also behind a lease that ended: what ended it may stand for a while.
    if (yield* stopsWithin(times.look)) return
  }
})
