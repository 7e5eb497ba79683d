/**
 * Runs the tool calls of one step. The order makes a parked turn safe to go on with after a restart: first the calls that ask
 * nobody, to their end; then every request, together; only when all are answered, the calls that were approved. So while a
 * request is pending every call of its step is either closed in the log or has not begun, and none ever runs twice.
 */
import type { Failure, RequestId, RequestKind, RequestResponse, ToolCallId } from "@spillway/contracts";
import type { Question } from "@spillway/contracts";
import type { RuntimeSession, SessionClosed } from "@spillway/runtime-ingestion";
import { Effect, type Schema } from "effect";
export type ToolOutcome = {
    readonly status: "completed";
    readonly result: Schema.Json;
} | {
    readonly status: "error" | "denied";
    readonly error: Failure;
};
export interface ToolCallRequest {
    readonly requestId: RequestId;
    readonly kind: RequestKind;
    readonly title: string;
    readonly questions?: ReadonlyArray<Question>;
}
export interface ToolCallToRun {
    readonly toolCallId: ToolCallId;
    /** What a person is asked before the call runs. */
    readonly asks?: ToolCallRequest;
    /** Does the call; `response` is `null` where nobody was asked. Not called when an approval was denied. */
    readonly run: (response: RequestResponse | null) => Effect.Effect<ToolOutcome, SessionClosed>;
}
export interface ClosedToolCall {
    readonly toolCallId: ToolCallId;
    readonly outcome: ToolOutcome;
}
/** Reports each outcome as it is there, at most `maxConcurrent` calls running at once, and answers all of them in call order. */
export declare const runToolCalls: (session: RuntimeSession, calls: readonly ToolCallToRun[], maxConcurrent: number) => Effect.Effect<readonly ClosedToolCall[], SessionClosed, never>;
//# sourceMappingURL=toolCalls.d.ts.map