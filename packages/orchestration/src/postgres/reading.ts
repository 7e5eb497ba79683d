import { Effect } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import { answerWithin } from "./answerWithin.ts"
import { OutageWatch } from "./OutageWatch.ts"
import { unavailable } from "./sqlFailure.ts"

/** How long a read may stay unanswered. Milliseconds. */
export const READ_TIMEOUT = 10_000

/** A read, or another statement that may be sent again, as callers of a port see it. What fails is told to who watches for outages. */
export const makeReading = Effect.map(
  OutageWatch,
  (outage) =>
    <A, R>(effect: Effect.Effect<A, SqlError, R>) =>
      effect.pipe(
        answerWithin(READ_TIMEOUT),
        Effect.tapError((error) => Effect.sync(() => outage.failed(error))),
        Effect.mapError(unavailable)
      )
)
