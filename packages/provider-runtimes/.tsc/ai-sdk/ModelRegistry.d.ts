/** Which models the server's environment gives, and what a turn's `choice.model` means among them. */
import type { RuntimeChoice } from "@spillway/contracts";
import { Result, Schema } from "effect";
import type { AiSdkModel } from "./sdkTypes.ts";
export type Environment = Readonly<Record<string, string | undefined>>;
declare const ModelSettingsInvalid_base: Schema.Class<ModelSettingsInvalid, Schema.TaggedStruct<"ModelSettingsInvalid", {
    readonly message: Schema.String;
}>, import("effect/Cause").YieldableError>;
/** The environment asks for a model in a way that can't work. */
export declare class ModelSettingsInvalid extends ModelSettingsInvalid_base {
}
export interface ModelRegistry {
    /** What a turn gets that names no model, as `provider/model`; `null` where none is configured. */
    readonly defaultModel: string | null;
    /** The providers that are configured, the default's first. */
    readonly providers: ReadonlyArray<string>;
    /**
     * The model of a choice: `provider/model` with a configured provider, or a model of the default's provider by its plain name.
     * Loads the provider's package when it is first asked for; fails with `RuntimeFailed`.
     */
    readonly model: (choice: RuntimeChoice) => Promise<AiSdkModel>;
}
/**
 * Reads `SPILLWAY_MODEL_BASE_URL` with `SPILLWAY_MODEL` (and `SPILLWAY_MODEL_API_KEY`, where that server wants one), then the
 * providers' own variables. `SPILLWAY_MODEL` without a base URL chooses among these. An empty variable is one that is not set.
 */
export declare const modelRegistry: (environment: Environment) => Result.Result<ModelRegistry, ModelSettingsInvalid>;
export {};
//# sourceMappingURL=ModelRegistry.d.ts.map