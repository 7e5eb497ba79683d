import { Effect } from "effect";
import { chooseScript } from "./chooseScript.js";
import { perform } from "./perform.js";
import { scripts as shipped } from "./scripts/index.js";
/** `scripts`: what can be asked for by name; the first one is played where nothing is asked for. */
const make = (options) => {
    const scripts = options?.scripts ?? shipped;
    return {
        name: "scripted",
        resumable: true,
        canSteer: true,
        announcesSteps: true,
        runTurn: (input, session) => Effect.flatMap(Effect.fromResult(chooseScript(scripts, input)), (chosen) => perform(chosen, input, session))
    };
};
export const ScriptedRuntime = { make };
//# sourceMappingURL=ScriptedRuntime.js.map