import { Clock, Effect } from "effect"
import type { HeldLease, SubscriptionRun } from "./SubscriptionRun.ts"

/** Renews the lease. Returns when it is another's, or was not renewed for as long as it lasts: another process may have it then. */
export const keepLease = Effect.fnUntraced(function* <E, R>(run: SubscriptionRun<E, R>, lease: HeldLease) {
  const { definition, rows, times } = run
  const now = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos / 1_000_000n))
  let renewedAt = yield* now
  while (true) {
    yield* Effect.sleep(times.heartbeat)
    const sentAt = yield* now
    const isOurs = yield* Effect.suspend(() => rows.renew(definition.name, lease.epoch, lease.through)).pipe(
      Effect.timeoutOrElse({
        duration: Math.max(0, renewedAt + times.duration - sentAt),
        orElse: () => Effect.undefined
      }),
      Effect.catchTag("SqlError", () => Effect.undefined)
    )
    if (isOurs === false) return
    if (isOurs === true) renewedAt = sentAt
    else if ((yield* now) >= renewedAt + times.duration) return
  }
})
