import { Effect, Schema } from "effect";
import { requestIdOf } from "../ids.js";
import { asJson } from "../json.js";
class ToolFailed extends Schema.TaggedError("@spillway/provider-runtimes/ToolFailed")("ToolFailed", {
    message: Schema.String
}) {
}
const attempt = (work) => Effect.tryPromise({
    try: async () => work(),
    catch: (error) => new ToolFailed({ message: error instanceof Error ? error.message : String(error) })
});
/** The call, ready to run: what is asked first, and what is done. */
export const toolCallToRun = Effect.fnUntraced(function* (session, tools, stepId, call) {
    const { name, toolCallId } = call;
    const tool = tools.find((tool) => tool.name === name);
    if (tool === undefined) {
        const error = { code: "UnknownTool", message: `There is no tool named "${name}".` };
        return { toolCallId, run: () => Effect.succeed({ status: "error", error }) };
    }
    const asks = yield* needsApproval(tool, call.input);
    return {
        toolCallId,
        ...(asks
            ? { asks: { requestId: requestIdOf(stepId, toolCallId), kind: "approval", title: `Allow ${name}?` } }
            : {}),
        run: () => run(session, tool, call)
    };
});
/** A condition that can't be evaluated asks. */
const needsApproval = ({ needsApproval = false }, input) => typeof needsApproval === "boolean"
    ? Effect.succeed(needsApproval)
    : Effect.orElseSucceed(attempt(() => needsApproval(input)), () => true);
const run = (session, tool, call) => Effect.gen(function* () {
    const abort = yield* Effect.acquireRelease(Effect.sync(() => new AbortController()), (abort) => Effect.sync(() => abort.abort()));
    const context = { toolCallId: call.toolCallId, abortSignal: abort.signal };
    const given = yield* attempt(() => tool.execute(call.input, context));
    const result = isOutput(given) ? yield* print(session, call.toolCallId, given) : given;
    return { status: "completed", result: asJson(result) };
}).pipe(Effect.scoped, Effect.catchTag("ToolFailed", ({ message }) => Effect.succeed({ status: "error", error: { code: "ToolFailed", message } })));
/** Reports what the tool prints, as it prints it, and answers what it returns. */
const print = Effect.fnUntraced(function* (session, toolCallId, output) {
    // A generator that is left gets to its `finally`; nobody waits for one that does not come back.
    yield* Effect.addFinalizer(() => Effect.sync(() => void Promise.resolve(output.return?.()).catch(() => undefined)));
    while (true) {
        const next = yield* attempt(() => output.next());
        if (next.done === true)
            return next.value;
        yield* session.emit({ type: "tool-call.output-delta", toolCallId, delta: next.value });
    }
});
const isOutput = (given) => typeof given === "object" && given !== null && Symbol.asyncIterator in given && "next" in given;
//# sourceMappingURL=runTool.js.map