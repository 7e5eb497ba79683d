/** What a turn may ask of the AI SDK runtime, in `choice.options`. */
import { Schema } from "effect";
export declare const AiSdkOptions: Schema.Struct<{
    readonly maxOutputTokens: Schema.optionalKey<Schema.Int>;
    readonly temperature: Schema.optionalKey<Schema.Finite>;
    /** How long the model thinks, where it can. */
    readonly reasoning: Schema.optionalKey<Schema.Literals<readonly ["provider-default", "none", "minimal", "low", "medium", "high", "xhigh"]>>;
    /** Steps after which the turn ends; never more than the runtime's own limit. */
    readonly maxSteps: Schema.optionalKey<Schema.Int>;
}>;
export type AiSdkOptions = typeof AiSdkOptions.Type;
/** What goes with each model call. */
export type CallOptions = Omit<AiSdkOptions, "maxSteps"> & {
    readonly maxRetries: number;
};
//# sourceMappingURL=AiSdkOptions.d.ts.map