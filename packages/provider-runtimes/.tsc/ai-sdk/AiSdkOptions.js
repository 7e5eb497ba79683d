/** What a turn may ask of the AI SDK runtime, in `choice.options`. */
import { Schema } from "effect";
export const AiSdkOptions = Schema.Struct({
    maxOutputTokens: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0))),
    temperature: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 2 }))),
    /** How long the model thinks, where it can. */
    reasoning: Schema.optionalKey(Schema.Literals(["provider-default", "none", "minimal", "low", "medium", "high", "xhigh"])),
    /** Steps after which the turn ends; never more than the runtime's own limit. */
    maxSteps: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0)))
});
//# sourceMappingURL=AiSdkOptions.js.map