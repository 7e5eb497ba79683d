/** Runs a model's call of one of our own tools. */
import type { ToolCallId } from "@spillway/contracts";
import type { RuntimeSession } from "@spillway/runtime-ingestion";
import { Effect } from "effect";
import type { ToolCallToRun } from "../toolCalls.ts";
import type { AnyTool } from "../tools/Tool.ts";
export interface ClientToolCall {
    readonly toolCallId: ToolCallId;
    readonly name: string;
    /** Fits the tool's schema. */
    readonly input: unknown;
}
/** The call, ready to run: what is asked first, and what is done. */
export declare const toolCallToRun: (session: RuntimeSession, tools: readonly AnyTool[], stepId: string & import("effect/Brand").Brand<"StepId">, call: ClientToolCall) => Effect.Effect<ToolCallToRun, never, never>;
//# sourceMappingURL=runTool.d.ts.map