/** Listens at a model's own stream for what the AI SDK keeps to itself until the answer is complete. */
import type { Usage } from "@spillway/contracts";
import type { wrapLanguageModel } from "ai";
import type { AiSdkModel } from "./sdkTypes.ts";
/** What the provider has said of its answer so far. */
export interface AnswerSoFar {
    responseId: string | undefined;
    usage: Usage;
}
/** The same model; what it says of its answer is put into `soFar` as it passes. */
export declare const observe: (model: AiSdkModel, wrap: typeof wrapLanguageModel, soFar: AnswerSoFar) => AiSdkModel;
//# sourceMappingURL=observe.d.ts.map