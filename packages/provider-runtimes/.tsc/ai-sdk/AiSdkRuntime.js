import { RuntimeFailed } from "@spillway/runtime-ingestion";
import { Effect, Schema } from "effect";
import { AiSdkOptions } from "./AiSdkOptions.js";
import { failureOf } from "./failure.js";
import { runTurn } from "./runTurn.js";
const make = (options) => ({
    name: "ai-sdk",
    resumable: true,
    canSteer: true,
    announcesSteps: true,
    runTurn: Effect.fnUntraced(function* (input, session) {
        const { maxSteps = Infinity, ...callOptions } = yield* optionsOf(input);
        const model = yield* Effect.tryPromise({
            try: async () => options.model(input.choice),
            catch: (error) => (error instanceof RuntimeFailed ? error : new RuntimeFailed(failureOf(error)))
        });
        yield* runTurn({
            model,
            tools: options.tools ?? [],
            instructions: options.instructions,
            maxSteps: Math.min(maxSteps, options.maxSteps ?? 32),
            maxConcurrent: options.maxConcurrent ?? 4,
            options: { maxRetries: options.maxRetries ?? 0, ...callOptions }
        }, input, session);
    })
});
const decode = Schema.decodeUnknownEffect(AiSdkOptions);
const optionsOf = (input) => Effect.mapError(decode(input.choice.options ?? {}), (error) => new RuntimeFailed({
    code: "InvalidRuntimeOptions",
    message: `The ai-sdk runtime does not take these options: ${error.message}`
}));
export const AiSdkRuntime = { make };
//# sourceMappingURL=AiSdkRuntime.js.map