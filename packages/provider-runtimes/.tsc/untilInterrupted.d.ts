import type { RuntimeSession, SessionClosed } from "@spillway/runtime-ingestion";
import { Effect } from "effect";
/**
 * Does a turn's work until the session is interrupted; then the work is interrupted wherever it stands (asleep, reading a socket,
 * waiting for room in the lane or for an answer), its resources are released, and `afterwards` runs.
 */
export declare const untilInterrupted: <E>(session: RuntimeSession, work: Effect.Effect<void, E>, afterwards: Effect.Effect<void, SessionClosed>) => Effect.Effect<void, E | SessionClosed>;
//# sourceMappingURL=untilInterrupted.d.ts.map