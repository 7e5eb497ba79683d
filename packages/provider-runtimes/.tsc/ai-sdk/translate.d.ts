/**
 * Translates the parts of one `streamText` call into runtime events. It knows no session and does no I/O: parts go in, events come
 * out, and what the answer amounts to stands in `answer`.
 */
import type { Failure, ProviderRuntimeEvent, ToolCallId, Usage } from "@spillway/contracts";
import type { FinishReason, TextStreamPart, ToolSet } from "ai";
export type Part = TextStreamPart<ToolSet>;
export interface SeenToolCall {
    readonly toolCallId: ToolCallId;
    /** The provider's own name for it, by which it wants its result. */
    readonly providerCallId: string;
    readonly name: string;
    /** As the tool is given it. */
    readonly input: unknown;
    readonly providerExecuted: boolean;
    /** Its tool is unknown, or its input does not fit: the SDK has answered it with an error already. */
    readonly invalid: boolean;
    closed: boolean;
}
/** A provider's question whether its own tool may run. */
export interface ProviderApproval {
    readonly approvalId: string;
    readonly call: SeenToolCall;
}
/** What a model call amounts to so far. */
export interface Answer {
    readonly calls: ReadonlyArray<SeenToolCall>;
    readonly approvals: ReadonlyArray<ProviderApproval>;
    /** The provider's own account at the end, `undefined` where the answer broke off. */
    readonly finish: {
        readonly reason: FinishReason;
        readonly raw: string | undefined;
        readonly usage: Usage;
    } | undefined;
    /** The first thing that went wrong. */
    readonly failure: Failure | undefined;
}
export interface Translation {
    readonly take: (part: Part) => ReadonlyArray<ProviderRuntimeEvent>;
    /** The stream broke off with this. */
    readonly fail: (error: unknown) => void;
    readonly answer: Answer;
}
export interface TranslationOptions {
    /** Set before the SDK's own part ids, which begin anew with each call. */
    readonly itemPrefix: string;
    readonly nameCall: (providerCallId: string) => ToolCallId;
    /** Calls of earlier steps that the provider runs and that have no result yet. */
    readonly openCalls: ReadonlyArray<SeenToolCall>;
}
export declare const makeTranslation: (options: TranslationOptions) => Translation;
//# sourceMappingURL=translate.d.ts.map