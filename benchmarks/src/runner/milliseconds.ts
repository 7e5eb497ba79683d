import { Clock, Effect } from "effect"

/** A clock that only goes forward, in milliseconds and fractions of them. */
export const milliseconds = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1e6)
