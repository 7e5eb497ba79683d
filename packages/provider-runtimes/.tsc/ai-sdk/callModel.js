/** One model call: the request leaves, its answer is reported part by part, and the socket closes with the scope. */
import { RuntimeFailed } from "@spillway/runtime-ingestion";
import { Effect } from "effect";
import { failureOf } from "./failure.js";
import { loadPackage } from "./loadPackage.js";
import { observe } from "./observe.js";
import { makeTranslation } from "./translate.js";
/** The version of `ai` that we are tested with: what we call is experimental there, and may change with any other. */
export const TESTED_WITH = "7.0.173";
/** The AI SDK is large: it is loaded with the first turn that needs it, not with the server. */
export const loadAiSdk = Effect.tryPromise({
    try: async () => {
        const sdk = await loadPackage("ai", () => import("ai"));
        if (typeof sdk.experimental_streamTextLowMemory !== "function") {
            throw new RuntimeFailed({
                code: "PackageUnfit",
                message: `The installed version of ai does not fit this Spillway: npm install ai@${TESTED_WITH}, and start again.`
            });
        }
        // Its warnings go to the console unless it is told otherwise, and that is not its own.
        globalThis.AI_SDK_LOG_WARNINGS = false;
        return sdk;
    },
    catch: (error) => (error instanceof RuntimeFailed ? error : new RuntimeFailed(failureOf(error)))
});
/** Reads the answer to its end, also behind an error, and pulls a part only when the event before it was admitted. */
export const callModel = Effect.fnUntraced(function* (session, sdk, call) {
    const translation = makeTranslation(call.translation);
    const messages = [];
    const abort = yield* Effect.acquireRelease(Effect.sync(() => new AbortController()), (abort) => Effect.sync(() => abort.abort()));
    const read = Effect.gen(function* () {
        const parts = yield* Effect.try(() => openStream(sdk, call, abort.signal, messages));
        while (true) {
            const next = yield* Effect.tryPromise(() => parts.next());
            if (next.done === true)
                return;
            for (const event of translation.take(next.value))
                yield* session.emit(event);
        }
    });
    yield* Effect.catchTag(read, "UnknownError", ({ cause }) => Effect.sync(() => translation.fail(cause)));
    return { ...translation.answer, messages };
});
const openStream = (sdk, call, abortSignal, messages) => 
// `streamText` itself tees its stream for readers that may still come, and what they don't read piles up while the answer lasts.
// This is the same engine for one reader: a part that nobody pulls is not made, down to the socket.
sdk
    .experimental_streamTextLowMemory({
    model: observe(call.model, sdk.wrapLanguageModel, call.soFar),
    messages: [...call.messages],
    tools: call.tools,
    abortSignal,
    onError: () => undefined,
    onStepEnd: ({ response }) => void messages.push(...response.messages),
    ...(call.instructions === undefined ? {} : { instructions: call.instructions }),
    ...call.options
})
    .fullStream[Symbol.asyncIterator]();
//# sourceMappingURL=callModel.js.map