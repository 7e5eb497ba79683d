import { setImmediate as nextTurnOfLoop } from "node:timers/promises";
import { expect, it } from "@effect/vitest";
import { Deferred, Effect, Fiber } from "effect";
import { describe } from "vitest";
import { all, callThenEnd, playTurn, startTurn, textOf, tool, types } from "../testing/aiSdkTurn.js";
import { say } from "../testing/FakeProvider.js";
describe("AiSdkRuntime", () => {
    it.effect("reports an answer's text and reasoning, usage, finish reason and the provider's id for it", () => Effect.gen(function* () {
        const { recorded } = yield* playTurn({
            answer: (response) => say(response, { reasoning: "Adding.", text: "It is 5." })
        });
        expect(types(recorded)).toEqual([
            "step.opened",
            "text.delta",
            "text.completed",
            "text.delta",
            "text.completed",
            "step.finished",
            "turn.completed"
        ]);
        expect(recorded[0]).toMatchObject({ stepId: "turn-1#0", model: "fake-1" });
        expect(textOf(recorded)).toBe("It is 5.");
        expect(recorded.at(-2)).toEqual({
            type: "step.finished",
            finishReason: "stop",
            responseId: "chat-1",
            usage: { inputTokens: 7, outputTokens: 5, totalTokens: 12, cachedInputTokens: 0, reasoningTokens: 0 }
        });
    }));
    it.effect("V1 lets no byte of a step's request reach the provider before the step, and the one before it, are committed", () => Effect.gen(function* () {
        const committing = yield* Deferred.make();
        const commit = yield* Deferred.make();
        const seenAtSocket = [];
        let known = [];
        const running = yield* startTurn({
            answer: callThenEnd("add"),
            runtime: { tools: [tool("add")] },
            beforeStep: Effect.andThen(Deferred.succeed(committing, undefined), Deferred.await(commit)),
            onBytes: () => {
                seenAtSocket.push(known.map(({ type }) => type));
            }
        });
        known = running.recorded;
        yield* Deferred.await(committing);
        yield* Effect.promise(() => nextTurnOfLoop());
        expect(running.provider.requests).toEqual([]);
        expect(seenAtSocket).toEqual([]);
        yield* Deferred.succeed(commit, undefined);
        yield* Fiber.join(running.fiber);
        expect(seenAtSocket[0]).toEqual(["step.opened"]);
        expect(seenAtSocket.at(-1)?.slice(-4)).toEqual([
            "tool-call.started",
            "step.finished",
            "tool-call.completed",
            "step.opened"
        ]);
    }));
    it.effect("says why a turn ended where that was not the model's decision", () => Effect.gen(function* () {
        for (const [finish, reason] of [
            ["length", "max-tokens"],
            ["content_filter", "content-filter"]
        ]) {
            const { recorded } = yield* playTurn({
                answer: (response) => say(response, { text: "It is", finish })
            });
            expect(recorded.at(-1)).toEqual({ type: "turn.completed", reason });
        }
        const cut = yield* playTurn({
            answer: (response) => say(response, { calls: [{ id: "a", name: "add", input: {} }], finish: "length" }),
            runtime: { tools: [tool("add", { execute: async () => Promise.reject(new Error("must not run")) })] }
        });
        expect(all(cut.recorded, "tool-call.completed")).toMatchObject([
            { status: "error", error: { code: "NotRun" } }
        ]);
        expect(cut.recorded.at(-1)).toEqual({ type: "turn.completed", reason: "max-tokens" });
    }));
    it.effect("ends a turn that goes on calling tools at `maxSteps`", () => Effect.gen(function* () {
        const { provider, recorded } = yield* playTurn({
            answer: (response) => say(response, { calls: [{ id: "again", name: "add", input: {} }] }),
            runtime: { tools: [tool("add")], maxSteps: 3 }
        });
        expect(provider.requests).toHaveLength(3);
        expect(recorded.at(-1)).toEqual({ type: "turn.completed", reason: "max-steps" });
        // The provider calls each of them `again`; in a thread an id is used once.
        expect(new Set(all(recorded, "tool-call.started").map(({ toolCallId }) => toolCallId)).size).toBe(3);
    }));
    it.effect("D8 takes a steering message into the next step, also where the turn would have ended", () => Effect.gen(function* () {
        const running = yield* startTurn({
            answer: (response, index) => say(response, { text: index === 0 ? "First." : "Second." }),
            beforeAdmission: (entry) => Effect.sync(() => {
                if (entry.type === "text.delta" && entry.delta === "First.")
                    running.steer("And then?");
            })
        });
        yield* Fiber.join(running.fiber);
        expect(running.provider.requests[1].messages.slice(-2)).toMatchObject([
            { role: "assistant", content: "First." },
            { role: "user", content: "And then?" }
        ]);
        expect(textOf(running.recorded)).toBe("First.Second.");
    }));
    it.effect("fails before any step when options don't fit or the model can't be had", () => Effect.gen(function* () {
        const answer = (response) => say(response, { text: "never" });
        const options = yield* Effect.flip(playTurn({ answer, choice: { options: { temperature: "hot" } } }));
        expect(options).toMatchObject({ _tag: "RuntimeFailed", code: "InvalidRuntimeOptions" });
        const model = yield* Effect.flip(playTurn({ answer, runtime: { model: () => Promise.reject(new Error("gone")) } }));
        expect(model).toMatchObject({ _tag: "RuntimeFailed", message: expect.stringContaining("gone") });
    }));
});
//# sourceMappingURL=AiSdkRuntime.test.js.map