import { Effect } from "effect";
/**
 * Does a turn's work until the session is interrupted; then the work is interrupted wherever it stands (asleep, reading a socket,
 * waiting for room in the lane or for an answer), its resources are released, and `afterwards` runs.
 */
export const untilInterrupted = (session, work, afterwards) => Effect.raceFirst(Effect.as(work, false), Effect.as(session.interrupted, true)).pipe(Effect.flatMap((interrupted) => (interrupted ? afterwards : Effect.void)));
//# sourceMappingURL=untilInterrupted.js.map