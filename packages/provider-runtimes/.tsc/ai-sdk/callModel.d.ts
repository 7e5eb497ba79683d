/** One model call: the request leaves, its answer is reported part by part, and the socket closes with the scope. */
import { RuntimeFailed, type RuntimeSession, type SessionClosed } from "@spillway/runtime-ingestion";
import type { ModelMessage, ToolSet } from "ai";
import { Effect, type Scope } from "effect";
import type { CallOptions } from "./AiSdkOptions.ts";
import { type AnswerSoFar } from "./observe.ts";
import type { AiSdkModel } from "./sdkTypes.ts";
import { type Answer, type TranslationOptions } from "./translate.ts";
type AiSdk = typeof import("ai");
/** The version of `ai` that we are tested with: what we call is experimental there, and may change with any other. */
export declare const TESTED_WITH = "7.0.173";
/** The AI SDK is large: it is loaded with the first turn that needs it, not with the server. */
export declare const loadAiSdk: Effect.Effect<AiSdk, RuntimeFailed>;
export interface ModelCall {
    readonly model: AiSdkModel;
    readonly instructions: string | undefined;
    readonly messages: ReadonlyArray<ModelMessage>;
    readonly tools: ToolSet;
    readonly options: CallOptions;
    readonly soFar: AnswerSoFar;
    readonly translation: TranslationOptions;
}
export interface ModelAnswer extends Answer {
    /** What the model said, as it wants to be told in the next step: with signatures and whatever else the provider attached. */
    readonly messages: ReadonlyArray<ModelMessage>;
}
/** Reads the answer to its end, also behind an error, and pulls a part only when the event before it was admitted. */
export declare const callModel: (session: RuntimeSession, sdk: typeof import("ai"), call: ModelCall) => Effect.Effect<ModelAnswer, SessionClosed, Scope.Scope>;
export {};
//# sourceMappingURL=callModel.d.ts.map