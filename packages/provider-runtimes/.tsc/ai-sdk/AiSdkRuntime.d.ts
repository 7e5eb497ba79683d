/**
 * A provider runtime that runs any model of the AI SDK. It goes on from the log after a restart, takes steering messages between
 * steps, and closes the provider's socket when it is interrupted.
 */
import type { RuntimeChoice } from "@spillway/contracts";
import { type ProviderRuntime } from "@spillway/runtime-ingestion";
import type { AnyTool } from "../tools/Tool.ts";
import type { AiSdkModel } from "./sdkTypes.ts";
export interface AiSdkRuntimeOptions {
    /** The model that a choice means. Whatever it throws fails the turn; a `RuntimeFailed` says how. */
    readonly model: (choice: RuntimeChoice) => AiSdkModel | Promise<AiSdkModel>;
    readonly tools?: ReadonlyArray<AnyTool>;
    /** Stand before everything else that the model is told. */
    readonly instructions?: string;
    /** Model calls of one turn; at the last one it ends with the reason `max-steps`. 32 unless said. */
    readonly maxSteps?: number;
    /** Tool calls of one step that run at once. 4 unless said. */
    readonly maxConcurrent?: number;
    /** How often the SDK repeats a request that failed before its answer began. 0 unless said: a turn is retried by whoever wants it. */
    readonly maxRetries?: number;
}
declare const make: (options: AiSdkRuntimeOptions) => ProviderRuntime;
export declare const AiSdkRuntime: {
    readonly make: typeof make;
};
export {};
//# sourceMappingURL=AiSdkRuntime.d.ts.map