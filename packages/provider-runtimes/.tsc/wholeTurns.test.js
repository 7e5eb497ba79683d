/** Our runtimes in the whole thing: engine, log on Postgres, reactor, ingestion. */
import { expect, it } from "@effect/vitest";
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase";
import { Publisher } from "@spillway/orchestration";
import { Effect, Layer } from "effect";
import { describe } from "vitest";
import { jsonSchema } from "ai";
import { AiSdkRuntime } from "./ai-sdk/AiSdkRuntime.js";
import { scripts } from "./scripted/scripts/index.js";
import { ScriptedRuntime } from "./scripted/ScriptedRuntime.js";
import { begun, fakeProvider, say, stream } from "./testing/FakeProvider.js";
import { committed, interrupt, layerProcess, respond, startTurn, turnEnd, turnOf } from "./testing/wholeProcess.js";
const scripted = layerProcess(ScriptedRuntime.make());
const assistants = (turn) => turn.messages.filter(({ role }) => role === "assistant");
const textOf = (turn) => assistants(turn)
    .flatMap(({ parts }) => parts)
    .map((part) => (part.type === "text" ? part.text : ""))
    .join("");
const play = Effect.fnUntraced(function* (text) {
    const { threadId } = yield* startTurn(text);
    yield* turnEnd(threadId);
    return yield* turnOf(threadId);
});
const saveTool = (runs) => ({
    name: "save",
    description: "",
    inputSchema: jsonSchema({ type: "object" }),
    needsApproval: true,
    execute: async (input) => {
        runs.push(input);
        return "saved";
    }
});
describe("a whole turn", () => {
    it.live("plays every script that asks nobody to its end, and leaves nothing open", () => Effect.gen(function* () {
        for (const { name } of scripts.filter(({ name, pace }) => pace.intervalMs === 0 && name !== "approval" && name !== "question")) {
            const { turn } = yield* play(`[[${name}]]`);
            expect([name, turn.status]).toEqual([name, name === "error" ? "failed" : "completed"]);
            expect(turn.steps.map(({ status }) => status)).not.toContain("open");
            expect(assistants(turn).map(({ status }) => status)).not.toContain("open");
            expect(turn.steps.every(({ responseId, usage }) => responseId !== null && usage.totalTokens !== undefined)).toBe(true);
        }
    }).pipe(Effect.provide(Layer.provideMerge(scripted, TestDatabase.layer))));
    it.live("V4 V5 R2 closes the message of a failed answer with its error, and keeps a retried one apart", () => Effect.gen(function* () {
        const failed = (yield* play("[[error]]")).turn;
        expect(assistants(failed)).toMatchObject([{ status: "error", error: { code: "ProviderOverloaded" } }]);
        expect(failed.error).toMatchObject({ code: "ProviderOverloaded", retryable: true });
        expect(failed.steps).toMatchObject([
            { finishReason: "error", responseId: expect.stringContaining("scripted/") }
        ]);
        const retried = (yield* play("[[retry]]")).turn;
        expect(assistants(retried).map(({ status }) => status)).toEqual([
            "discarded",
            "interrupted",
            "completed"
        ]);
        expect(textOf(retried)).toBe("The third attempt The third attempt is the one that counts.");
    }).pipe(Effect.provide(Layer.provideMerge(scripted, TestDatabase.layer))));
    it.live("A16 interrupted, keeps the text so far and the step's account, and closes its message interrupted", () => Effect.gen(function* () {
        const { threadId, turnId } = yield* startTurn("go", {
            options: { script: "slow", intervalMs: 20, deltas: 10_000 }
        });
        yield* committed(threadId, "thread.message-opened");
        yield* interrupt(threadId, turnId);
        expect((yield* turnEnd(threadId)).type).toBe("thread.turn-interrupted");
        const { turn } = yield* turnOf(threadId);
        expect(assistants(turn).every(({ status }) => status === "interrupted" || status === "discarded")).toBe(true);
        expect(turn.steps).toMatchObject([
            { finishReason: "aborted", responseId: `scripted/${turnId}#0`, usage: { inputTokens: 1 } }
        ]);
    }).pipe(Effect.provide(Layer.provideMerge(scripted, TestDatabase.layer))));
    it.live("V1 the provider's socket sees no byte of a step's request before its message is in the log", () => Effect.gen(function* () {
        const log = [];
        const atSocket = [];
        const provider = yield* fakeProvider({
            onBytes: () => atSocket.push([...log]),
            answer: (response, index) => index === 0
                ? say(response, { text: "Looking.", calls: [{ id: "a", name: "look", input: {} }] })
                : say(response, { text: "Seen." })
        });
        const look = { ...saveTool([]), name: "look", needsApproval: false };
        yield* Effect.gen(function* () {
            const publisher = yield* Publisher;
            yield* publisher.onPublish((events) => log.push(...events.map(({ type }) => type)));
            const { turn } = yield* play("look");
            expect(turn.status).toBe("completed");
        }).pipe(Effect.scoped, Effect.provide(layerProcess(AiSdkRuntime.make({ model: () => provider.model, tools: [look] }))));
        expect(atSocket[0]?.slice(-2)).toEqual(["thread.step-opened", "thread.message-opened"]);
        const second = atSocket.at(-1);
        expect(second.slice(-2)).toEqual(["thread.step-opened", "thread.message-opened"]);
        expect(second).toEqual(expect.arrayContaining(["thread.tool-call-closed", "thread.step-closed"]));
    }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer)));
    it.live("R4 V5 a cut connection leaves the text, an errored message and a failed turn", () => Effect.gen(function* () {
        const provider = yield* fakeProvider({
            answer: (response) => {
                stream(response).write(begun({ text: "Half of " }), () => response.destroy());
            }
        });
        const { turn } = yield* play("go").pipe(Effect.provide(layerProcess(AiSdkRuntime.make({ model: () => provider.model }))));
        expect(turn).toMatchObject({ status: "failed", error: { code: "ProviderDisconnected" } });
        expect(assistants(turn)).toMatchObject([{ status: "error", error: { code: "ProviderDisconnected" } }]);
        expect(textOf(turn)).toBe("Half of ");
    }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer)));
    it.live("A12 goes on after a restart when it was parked on an approval: scripted", () => Effect.gen(function* () {
        const { requestId, threadId } = yield* Effect.gen(function* () {
            const { threadId } = yield* startTurn("[[approval]]");
            const { data } = yield* committed(threadId, "thread.request-opened");
            return { threadId, requestId: data.requestId };
        }).pipe(Effect.provide(scripted));
        const { turn } = yield* Effect.gen(function* () {
            yield* committed(threadId, "thread.session-closed");
            yield* respond(threadId, requestId, { type: "approval", decision: "approve" });
            yield* turnEnd(threadId);
            return yield* turnOf(threadId);
        }).pipe(Effect.provide(scripted));
        expect(turn.status).toBe("completed");
        expect(textOf(turn)).toContain("Gate 2 is open by ten percent now.");
        expect(turn.steps).toHaveLength(2);
    }).pipe(Effect.provide(TestDatabase.layer)));
    it.live("A12 goes on after a restart when it was parked on an approval: ai-sdk, which runs the tool once", () => Effect.gen(function* () {
        const runs = [];
        const provider = yield* fakeProvider({
            answer: (response, index) => index === 0
                ? say(response, {
                    text: "May I?",
                    calls: [{ id: "call_0", name: "save", input: { text: "x" } }]
                })
                : say(response, { text: "Thanks." })
        });
        const process = layerProcess(AiSdkRuntime.make({ model: () => provider.model, tools: [saveTool(runs)] }));
        const { requestId, threadId } = yield* Effect.gen(function* () {
            const { threadId } = yield* startTurn("save x");
            const { data } = yield* committed(threadId, "thread.request-opened");
            return { threadId, requestId: data.requestId };
        }).pipe(Effect.provide(process));
        expect(runs).toEqual([]);
        const { turn } = yield* Effect.gen(function* () {
            yield* committed(threadId, "thread.session-closed");
            yield* respond(threadId, requestId, { type: "approval", decision: "approve" });
            yield* turnEnd(threadId);
            return yield* turnOf(threadId);
        }).pipe(Effect.provide(process));
        expect(turn.status).toBe("completed");
        expect(runs).toEqual([{ text: "x" }]);
        expect(textOf(turn)).toBe("May I?Thanks.");
        expect(provider.requests).toHaveLength(2);
        expect(provider.requests[1].messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);
    }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer)));
});
//# sourceMappingURL=wholeTurns.test.js.map