/** What of the log a turn starts from, and what of its last step is still to be done. */
import type { HistoryMessage } from "@spillway/contracts";
import type { TurnInput } from "@spillway/runtime-ingestion";
import type { ClosedToolCall } from "../toolCalls.ts";
/**
 * The history without steering messages that no step has taken: those stand behind the turn's last answer, and the next step brings
 * them along.
 */
export declare const startingHistory: ({ history, turn }: TurnInput) => ReadonlyArray<HistoryMessage>;
/**
 * Calls that the log holds without an outcome: those of the step in which the turn was parked. `lost` are those that can't go on from
 * the log: a provider ran them, or their input was too large to be kept whole.
 */
export declare const openCalls: ({ turn }: TurnInput) => {
    lost: {
        readonly type: "tool-call";
        readonly partId: string & import("effect/Brand").Brand<"PartId">;
        readonly toolCallId: string & import("effect/Brand").Brand<"ToolCallId">;
        readonly name: string;
        readonly input: import("effect/Schema").Json;
        readonly inputTruncated: boolean;
        readonly providerExecuted: boolean;
        readonly status: "completed" | "denied" | "error" | "open";
        readonly output: string;
        readonly outputTruncated: boolean;
        readonly result: import("effect/Schema").Json;
        readonly resultTruncated: boolean;
        readonly error: {
            readonly code: string;
            readonly message: string;
            readonly retryable?: boolean;
        } | null;
        readonly closedAtVersion: number | null;
    }[];
    runnable: {
        readonly type: "tool-call";
        readonly partId: string & import("effect/Brand").Brand<"PartId">;
        readonly toolCallId: string & import("effect/Brand").Brand<"ToolCallId">;
        readonly name: string;
        readonly input: import("effect/Schema").Json;
        readonly inputTruncated: boolean;
        readonly providerExecuted: boolean;
        readonly status: "completed" | "denied" | "error" | "open";
        readonly output: string;
        readonly outputTruncated: boolean;
        readonly result: import("effect/Schema").Json;
        readonly resultTruncated: boolean;
        readonly error: {
            readonly code: string;
            readonly message: string;
            readonly retryable?: boolean;
        } | null;
        readonly closedAtVersion: number | null;
    }[];
};
/** The history with outcomes that the log did not hold yet. */
export declare const withOutcomes: (history: ReadonlyArray<HistoryMessage>, closed: ReadonlyArray<ClosedToolCall>) => ReadonlyArray<HistoryMessage>;
//# sourceMappingURL=startingHistory.d.ts.map