import { expect, it } from "@effect/vitest";
import { Deferred, Effect, Exit, Fiber } from "effect";
import { describe } from "vitest";
import { all, callThenEnd, playTurn, startTurn, textOf, tool, types } from "../testing/aiSdkTurn.js";
import { say } from "../testing/FakeProvider.js";
describe("AiSdkRuntime's tools", () => {
    it.effect("runs tools itself and takes their results into the next step's request", () => Effect.gen(function* () {
        const { provider, recorded } = yield* playTurn({
            answer: callThenEnd("add"),
            runtime: { tools: [tool("add")] }
        });
        expect(all(recorded, "step.opened").map(({ stepId }) => stepId)).toEqual(["turn-1#0", "turn-1#1"]);
        expect(all(recorded, "tool-call.started")).toMatchObject([
            { toolCallId: "call_0", name: "add", input: { i: 0 } }
        ]);
        expect(all(recorded, "tool-call.input-delta")
            .map(({ delta }) => delta)
            .join("")).toBe('{"i":0}');
        const result = { tool: "add", input: { i: 0 } };
        expect(all(recorded, "tool-call.completed")).toMatchObject([{ status: "completed", result }]);
        const [assistant, answer] = provider.requests[1].messages.slice(-2);
        expect(assistant).toMatchObject({
            role: "assistant",
            tool_calls: [{ id: "call_0", function: { name: "add" } }]
        });
        expect(answer).toEqual({ role: "tool", tool_call_id: "call_0", content: JSON.stringify(result) });
    }));
    it.effect("runs at most `maxConcurrent` calls of a step at once, and reports each as it ends", () => Effect.gen(function* () {
        let running = 0;
        let most = 0;
        const gate = Promise.withResolvers();
        const both = yield* Deferred.make();
        const work = async () => {
            most = Math.max(most, ++running);
            if (running === 2)
                Deferred.doneUnsafe(both, Exit.void);
            await gate.promise;
            running--;
        };
        const { fiber, recorded } = yield* startTurn({
            answer: callThenEnd("a", "b", "c", "d"),
            runtime: {
                maxConcurrent: 2,
                tools: ["a", "b", "c", "d"].map((name) => tool(name, { execute: work }))
            }
        });
        yield* Deferred.await(both);
        expect(all(recorded, "tool-call.completed")).toEqual([]);
        gate.resolve();
        yield* Fiber.join(fiber);
        expect(most).toBe(2);
        expect(all(recorded, "tool-call.completed")
            .map(({ toolCallId }) => toolCallId)
            .toSorted()).toEqual(["call_0", "call_1", "call_2", "call_3"]);
    }));
    it.effect("shows what a tool prints while it runs, and tells the model what it returns", () => Effect.gen(function* () {
        const { recorded } = yield* playTurn({
            answer: callThenEnd("print"),
            runtime: {
                tools: [
                    tool("print", {
                        execute: async function* () {
                            yield "one\n";
                            yield "two\n";
                            return { lines: 2 };
                        }
                    })
                ]
            }
        });
        expect(all(recorded, "tool-call.output-delta").map(({ delta }) => delta)).toEqual(["one\n", "two\n"]);
        expect(all(recorded, "tool-call.completed")).toMatchObject([
            { status: "completed", result: { lines: 2 } }
        ]);
    }));
    it.effect("tells the model when a tool throws, is unknown, or gets input that does not fit, and goes on", () => Effect.gen(function* () {
        const { provider, recorded } = yield* playTurn({
            answer: (response, index) => index === 0
                ? say(response, {
                    calls: [
                        { id: "a", name: "throws", input: {} },
                        { id: "b", name: "nobody", input: { x: 1 } },
                        { id: "c", name: "strict", input: '{"n": "no num' }
                    ]
                })
                : say(response, { text: "I see." }),
            runtime: {
                tools: [
                    tool("throws", { execute: async () => Promise.reject(new Error("out of order")) }),
                    tool("strict")
                ]
            }
        });
        expect(all(recorded, "tool-call.started").map(({ input }) => input)).toEqual([
            {},
            { x: 1 },
            '{"n": "no num'
        ]);
        expect(all(recorded, "tool-call.completed").map(({ status }) => status)).toEqual([
            "error",
            "error",
            "error"
        ]);
        const told = provider.requests[1].messages.filter(({ role }) => role === "tool");
        expect(new Set(told.map(({ tool_call_id }) => tool_call_id))).toEqual(new Set(["a", "b", "c"]));
        expect(told.find(({ tool_call_id }) => tool_call_id === "a")?.content).toBe("out of order");
        expect(textOf(recorded)).toBe("I see.");
        expect(recorded.at(-1)).toEqual({ type: "turn.completed" });
    }));
    for (const decision of ["approve", "deny"]) {
        it.effect(`asks before a tool that needs approval, and tells the model: ${decision}`, () => Effect.gen(function* () {
            let ran = 0;
            const { provider, recorded } = yield* playTurn({
                answer: callThenEnd("save", "look"),
                respond: () => ({ type: "approval", decision }),
                runtime: {
                    tools: [
                        tool("save", { needsApproval: true, execute: async () => ++ran }),
                        tool("look", { needsApproval: () => false })
                    ]
                }
            });
            expect(ran).toBe(decision === "approve" ? 1 : 0);
            expect(all(recorded, "request.asked")).toMatchObject([
                { request: { kind: "approval", toolCallId: "call_0" } }
            ]);
            // What asks nobody is done before anybody is asked.
            expect(types(recorded).slice(-8, -4)).toEqual([
                "tool-call.completed",
                "request.asked",
                "tool-call.completed",
                "step.opened"
            ]);
            expect(all(recorded, "tool-call.completed").find(({ toolCallId }) => toolCallId === "call_0")).toMatchObject({
                status: decision === "approve" ? "completed" : "denied"
            });
            const told = provider.requests[1].messages.find(({ tool_call_id }) => tool_call_id === "call_0");
            expect(told?.content).toContain(decision === "approve" ? "1" : "denied");
        }));
    }
    it.effect("A12 goes on from the log where a turn was parked, asks no model again for that step and runs no tool twice", () => Effect.gen(function* () {
        let saved = 0;
        let looked = 0;
        const runtime = {
            tools: [
                tool("save", { needsApproval: true, execute: async () => ++saved }),
                tool("look", { execute: async () => ++looked })
            ]
        };
        const parked = yield* startTurn({ answer: callThenEnd("save", "look"), runtime });
        yield* parked.until(({ type }) => type === "request.asked");
        yield* Fiber.interrupt(parked.fiber);
        const { provider, recorded } = yield* playTurn({
            answer: (response) => say(response, { text: "Saved." }),
            before: parked.recorded,
            respond: () => ({ type: "approval", decision: "approve" }),
            runtime
        });
        expect([saved, looked]).toEqual([1, 1]);
        expect(all(recorded, "request.asked")).toEqual(all(parked.recorded, "request.asked"));
        expect(recorded.map(({ type }) => type).slice(0, 3)).toEqual([
            "request.asked",
            "tool-call.completed",
            "step.opened"
        ]);
        expect(recorded[2]).toMatchObject({ stepId: "turn-1#1" });
        expect(provider.requests).toHaveLength(1);
        expect(provider.requests[0].messages.map(({ role }) => role)).toEqual([
            "user",
            "assistant",
            "tool",
            "tool"
        ]);
        expect(recorded.at(-1)).toEqual({ type: "turn.completed" });
    }));
    it.effect("stops tools that are running when it is interrupted", () => Effect.gen(function* () {
        const started = yield* Deferred.make();
        const running = yield* startTurn({
            answer: callThenEnd("forever"),
            runtime: {
                tools: [
                    tool("forever", {
                        execute: (_, { abortSignal }) => {
                            Deferred.doneUnsafe(started, Exit.succeed(abortSignal));
                            return new Promise(() => undefined);
                        }
                    })
                ]
            }
        });
        const signal = yield* Deferred.await(started);
        expect(signal.aborted).toBe(false);
        yield* running.interrupt;
        yield* Fiber.join(running.fiber);
        expect(signal.aborted).toBe(true);
        expect(all(running.recorded, "step.finished")).toHaveLength(1);
        expect(running.recorded.at(-1)).toEqual({ type: "turn.aborted" });
    }));
});
//# sourceMappingURL=toolSteps.test.js.map