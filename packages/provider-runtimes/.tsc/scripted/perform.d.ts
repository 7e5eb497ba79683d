import type { RuntimeSession, SessionClosed, TurnInput } from "@spillway/runtime-ingestion";
import { Effect } from "effect";
import type { ChosenScript } from "./chooseScript.ts";
/** Goes on where the log ends, and ends the turn: also when it is interrupted, at whatever point, or when the script fails. */
export declare const perform: (chosen: ChosenScript, input: TurnInput, session: RuntimeSession) => Effect.Effect<void, SessionClosed, never>;
//# sourceMappingURL=perform.d.ts.map