import { jsonSchema } from "ai";
import { Effect, Fiber } from "effect";
import { AiSdkRuntime } from "../ai-sdk/AiSdkRuntime.js";
import { fakeProvider, say } from "./FakeProvider.js";
import { recordingSession } from "./RecordingSession.js";
import { turnId, turnInput } from "./turnInput.js";
export const startTurn = Effect.fnUntraced(function* ({ answer, before, onBytes, runtime, ...options }) {
    const provider = yield* fakeProvider({ answer, ...(onBytes === undefined ? {} : { onBytes }) });
    const input = turnInput({
        prompt: "What is 2 + 3?",
        ...(options.choice === undefined ? {} : { choice: options.choice }),
        ...(options.history === undefined ? {} : { history: options.history }),
        ...(before === undefined ? {} : { recorded: before })
    });
    const recording = yield* recordingSession({ turnId, nextStepIndex: input.nextStepIndex, ...options });
    const fiber = yield* Effect.forkChild(Effect.scoped(AiSdkRuntime.make({ model: () => provider.model, ...runtime }).runTurn(input, recording.session)), { startImmediately: true });
    return { ...recording, provider, fiber };
});
export const playTurn = Effect.fnUntraced(function* (setting) {
    const running = yield* startTurn(setting);
    yield* Fiber.join(running.fiber);
    return running;
});
export const tool = (name, options = {}) => ({
    name,
    description: "",
    inputSchema: jsonSchema({ type: "object" }),
    execute: async (input) => ({ tool: name, input }),
    ...options
});
export const textOf = (recorded) => recorded.map((entry) => (entry.type === "text.delta" && entry.kind === "text" ? entry.delta : "")).join("");
export const all = (recorded, type) => recorded.filter((entry) => entry.type === type);
export const types = (recorded) => recorded.map(({ type }) => type).filter((type, i, all) => type !== all[i - 1]);
/** Calls `names`, all in one step, and then says that it is done. */
export const callThenEnd = (...names) => (response, index) => index === 0
    ? say(response, {
        text: "One moment.",
        calls: names.map((name, i) => ({ id: `call_${i}`, name, input: { i } }))
    })
    : say(response, { text: "All done." });
//# sourceMappingURL=aiSdkTurn.js.map