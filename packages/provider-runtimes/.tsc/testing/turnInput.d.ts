/** What a runtime starts from, made of little, and made again of what a session recorded: as if the log had been read. */
import { type HistoryMessage, type RuntimeChoice } from "@spillway/contracts";
import type { TurnInput } from "@spillway/runtime-ingestion";
import type { Recorded } from "./RecordingSession.ts";
export declare const turnId: string & import("effect/Brand").Brand<"TurnId">;
export declare const turnInput: (options: {
    readonly prompt: string;
    readonly choice?: RuntimeChoice;
    readonly history?: ReadonlyArray<HistoryMessage>;
    /** What an earlier generation of the session reported before it was gone. */
    readonly recorded?: ReadonlyArray<Recorded>;
}) => TurnInput;
//# sourceMappingURL=turnInput.d.ts.map