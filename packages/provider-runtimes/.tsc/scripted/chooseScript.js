import { RuntimeFailed } from "@spillway/runtime-ingestion";
import { Result, Schema } from "effect";
import { ScriptOptions } from "./ScriptOptions.js";
const decode = Schema.decodeUnknownResult(ScriptOptions);
/** The script that the turn's options name, else the first `[[name]]` of its prompt, else the first of `scripts`. */
export const chooseScript = (scripts, input) => {
    const options = decode(input.choice.options ?? {});
    if (Result.isFailure(options)) {
        return Result.fail(new RuntimeFailed({
            code: "InvalidRuntimeOptions",
            message: `The scripted runtime does not take these options: ${options.failure.message}`
        }));
    }
    const name = options.success.script ?? /\[\[([\w-]+)\]\]/.exec(input.prompt)?.[1] ?? scripts[0]?.name;
    const script = scripts.find((script) => script.name === name);
    return script === undefined
        ? Result.fail(new RuntimeFailed({
            code: "UnknownScript",
            message: `There is no script "${name}". Ask for one of these: ${scripts.map(({ name }) => name).join(", ")}.`
        }))
        : Result.succeed({ script, options: options.success });
};
//# sourceMappingURL=chooseScript.js.map