import { RuntimeFailed, type TurnInput } from "@spillway/runtime-ingestion";
import { Result } from "effect";
import type { Script } from "./Script.ts";
import { ScriptOptions } from "./ScriptOptions.ts";
export interface ChosenScript {
    readonly script: Script;
    readonly options: ScriptOptions;
}
/** The script that the turn's options name, else the first `[[name]]` of its prompt, else the first of `scripts`. */
export declare const chooseScript: (scripts: ReadonlyArray<Script>, input: Pick<TurnInput, "choice" | "prompt">) => Result.Result<ChosenScript, RuntimeFailed>;
//# sourceMappingURL=chooseScript.d.ts.map