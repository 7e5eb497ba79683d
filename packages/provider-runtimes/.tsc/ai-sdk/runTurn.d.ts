import type { RuntimeFailed, RuntimeSession, SessionClosed, TurnInput } from "@spillway/runtime-ingestion";
import { Effect } from "effect";
import type { AnyTool } from "../tools/Tool.ts";
import type { CallOptions } from "./AiSdkOptions.ts";
import type { AiSdkModel } from "./sdkTypes.ts";
export interface TurnSettings {
    readonly model: AiSdkModel;
    readonly tools: ReadonlyArray<AnyTool>;
    readonly instructions: string | undefined;
    readonly maxSteps: number;
    readonly maxConcurrent: number;
    readonly options: CallOptions;
}
export declare const runTurn: (settings: TurnSettings, input: TurnInput, session: RuntimeSession) => Effect.Effect<void, RuntimeFailed | SessionClosed, never>;
//# sourceMappingURL=runTurn.d.ts.map