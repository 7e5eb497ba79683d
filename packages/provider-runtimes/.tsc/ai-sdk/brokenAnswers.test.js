import { once } from "node:events";
import { setImmediate as nextTurnOfLoop } from "node:timers/promises";
import { expect, it } from "@effect/vitest";
import { SPILL_LIMIT } from "@spillway/contracts";
import { Deferred, Effect, Fiber } from "effect";
import { describe } from "vitest";
import { all, playTurn, startTurn, textOf, types } from "../testing/aiSdkTurn.js";
import { begun, ended, event, stream } from "../testing/FakeProvider.js";
describe("AiSdkRuntime on answers that end early", () => {
    it.effect("A16 closes the provider's socket when it is interrupted in mid-answer, and reports what is known", () => Effect.gen(function* () {
        let closed;
        const running = yield* startTurn({
            answer: (response) => {
                closed = once(response, "close");
                stream(response).write(begun({ text: "A long story begins" }));
                response.write(event({ id: "chat-1", choices: [], usage: { prompt_tokens: 7, completion_tokens: 4 } }));
            }
        });
        yield* running.until((entry) => entry.type === "text.delta" && entry.delta === "begins");
        yield* running.interrupt;
        yield* Fiber.join(running.fiber);
        yield* Effect.promise(() => closed);
        expect(running.recorded.slice(-2)).toEqual([
            {
                type: "step.finished",
                finishReason: "aborted",
                responseId: "chat-1",
                usage: { inputTokens: 7, outputTokens: 4 }
            },
            { type: "turn.aborted" }
        ]);
    }));
    it.effect("R4 fails the turn when the provider answers with HTTP 500, without repeating what may be a key", () => Effect.gen(function* () {
        const { provider, recorded } = yield* playTurn({
            answer: (response) => response
                .writeHead(500, { "content-type": "application/json" })
                .end(JSON.stringify({ error: { message: "no luck with sk-proj-abcdefgh12345678" } }))
        });
        expect(provider.requests).toHaveLength(1);
        const error = {
            code: "ProviderHttp500",
            retryable: true,
            message: "The provider answered with HTTP 500: no luck with [secret]"
        };
        expect(recorded.at(-1)).toEqual({ type: "turn.failed", error });
        expect(types(recorded)).toEqual(["step.opened", "step.finished", "turn.failed"]);
    }));
    it.effect("R4 keeps the text and fails the turn when the connection is cut in mid-answer", () => Effect.gen(function* () {
        const { recorded } = yield* playTurn({
            answer: (response) => {
                stream(response).write(begun({ text: "This will be cut" }), () => response.destroy());
            }
        });
        expect(textOf(recorded)).toBe("This will be cut");
        expect(recorded.at(-1)).toMatchObject({
            type: "turn.failed",
            error: { code: "ProviderDisconnected", retryable: true }
        });
    }));
    it.effect("R6 reads on behind malformed JSON, and fails the turn", () => Effect.gen(function* () {
        const { recorded } = yield* playTurn({
            answer: (response) => stream(response).end(begun({ text: "Before. " }) + event("{not json") + begun({ text: "After." }) + ended("stop"))
        });
        expect(textOf(recorded)).toBe("Before. After.");
        expect(recorded.at(-1)).toMatchObject({
            type: "turn.failed",
            error: { code: "ProviderSentInvalidData" }
        });
    }));
    it.effect("stops reading from the provider's socket while the lane has no room, and then loses nothing", () => Effect.gen(function* () {
        const room = yield* Deferred.make();
        const piece = "x".repeat(SPILL_LIMIT);
        const pieces = 1_500;
        let written = 0;
        let stalled = false;
        const running = yield* startTurn({
            beforeAdmission: (entry) => (entry.type === "text.delta" ? Deferred.await(room) : Effect.void),
            answer: (response) => {
                stream(response);
                const write = () => {
                    stalled = false;
                    while (written < pieces) {
                        written++;
                        if (!response.write(begun({ text: piece }))) {
                            stalled = true;
                            response.once("drain", write);
                            return;
                        }
                    }
                    response.end(ended("stop"));
                };
                write();
            }
        });
        const total = () => all(running.recorded, "text.delta").reduce((sum, { delta }) => sum + delta.length, 0);
        // The sockets' own buffers fill up; then nothing drains any more, however often the loop turns.
        yield* Effect.promise(async () => {
            for (let idle = 0, last = -1; idle < 2_000; idle = stalled && written === last ? idle + 1 : 0) {
                last = written;
                await nextTurnOfLoop();
            }
        });
        expect(total()).toBe(0);
        expect(written).toBeLessThan(pieces / 2);
        yield* Deferred.succeed(room, undefined);
        yield* Fiber.join(running.fiber);
        expect(total()).toBe(piece.length * pieces);
    }));
});
//# sourceMappingURL=brokenAnswers.test.js.map