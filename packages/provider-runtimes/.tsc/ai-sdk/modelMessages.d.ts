/** A thread's history as the AI SDK's messages, such as every provider takes them. */
import type { HistoryMessage } from "@spillway/contracts";
import type { ModelMessage, ToolModelMessage } from "ai";
import type { ToolOutcome } from "../toolCalls.ts";
export interface Conversation {
    /** All system texts: many providers take them at the beginning only, and some only one. */
    readonly instructions: string | undefined;
    /** Never ends with the assistant: not every provider goes on with its own words. */
    readonly messages: ReadonlyArray<ModelMessage>;
}
type Outgoing = Exclude<ToolModelMessage["content"][number], {
    readonly type: "tool-approval-response";
}>;
/**
 * - Reasoning is left out: without the provider's signatures, which the log does not hold, most refuse it.
 * - Calls that a provider ran itself are left out with their results: each provider takes only its own form of them.
 * - Call ids are numbered anew. Ids of one provider are refused by another; nine letters and digits suit all of them, and the
 *   numbers stay the same as a thread grows, so that prompt caches hold.
 */
export declare const modelMessages: (history: ReadonlyArray<HistoryMessage>, ownInstructions?: string) => Conversation;
/** One call's outcome, in the words that the AI SDK has for it. */
export declare const toolResult: (toolCallId: string, toolName: string, outcome: ToolOutcome) => Outgoing;
export declare const toolMessage: (content: ToolModelMessage["content"]) => ToolModelMessage;
export {};
//# sourceMappingURL=modelMessages.d.ts.map