import { expect, it } from "@effect/vitest";
import { Effect, Fiber } from "effect";
import { TestClock } from "effect/testing";
import { describe } from "vitest";
import { recordingSession } from "../testing/RecordingSession.js";
import { turnId, turnInput } from "../testing/turnInput.js";
import { ScriptedRuntime } from "./ScriptedRuntime.js";
import { scripts } from "./scripts/index.js";
import { streamedText } from "./scripts/stream.js";
const runtime = ScriptedRuntime.make();
const yes = { type: "approval", decision: "approve" };
/** Approves, and answers every question with its own id. */
const agreeable = ({ kind, questions = [] }) => kind === "approval"
    ? yes
    : { type: "input", answers: Object.fromEntries(questions.map(({ id }) => [id, `my ${id}`])) };
const start = Effect.fnUntraced(function* (prompt, options = {}) {
    const input = turnInput({ prompt, choice: options.choice ?? {}, recorded: options.before ?? [] });
    const recording = yield* recordingSession({ turnId, nextStepIndex: input.nextStepIndex, ...options });
    const fiber = yield* Effect.forkChild(Effect.scoped(runtime.runTurn(input, recording.session)), {
        startImmediately: true
    });
    return { ...recording, fiber };
});
const play = Effect.fnUntraced(function* (prompt, options = {}) {
    const { fiber, recorded } = yield* start(prompt, { respond: agreeable, ...options });
    yield* Fiber.join(fiber);
    return recorded;
});
const textOf = (recorded, kind = "text") => recorded.map((entry) => (entry.type === "text.delta" && entry.kind === kind ? entry.delta : "")).join("");
const types = (recorded) => recorded.map(({ type }) => type).filter((type, i, all) => type !== all[i - 1]);
const untilAsked = (recording) => recording.until(({ type }) => type === "request.asked");
describe("ScriptedRuntime", () => {
    it.effect("plays every script to the end of its turn, each step with usage, finish reason and response id", () => Effect.forEach(scripts.filter(({ pace }) => pace.intervalMs === 0), Effect.fnUntraced(function* ({ name, steps }) {
        const recorded = yield* play(`please [[${name}]]`);
        const finished = recorded.filter((entry) => entry.type === "step.finished");
        expect(finished).toHaveLength(steps.length);
        for (const [i, { finishReason, responseId, usage }] of finished.entries()) {
            expect(responseId).toBe(`scripted/turn-1#${i}`);
            expect(usage?.outputTokens).toBeGreaterThan(name === "error" ? 1 : 0);
            expect(finishReason).toBe(name === "error" ? "error" : i < steps.length - 1 ? "tool-calls" : "stop");
        }
        expect(recorded.at(-1)?.type).toBe(name === "error" ? "turn.failed" : "turn.completed");
    }), { discard: true }));
    it.effect("says by default that no model is configured, and what to set", () => Effect.gen(function* () {
        const text = textOf(yield* play("hi there"));
        expect(text).toContain("hi there");
        expect(text).toContain("no model is configured");
        for (const name of [
            "ANTHROPIC_API_KEY",
            "OPENAI_API_KEY",
            "GOOGLE_GENERATIVE_AI_API_KEY",
            "SPILLWAY_MODEL_BASE_URL"
        ]) {
            expect(text).toContain(name);
        }
    }));
    it.effect("takes the script from the options before the one that the prompt names", () => Effect.gen(function* () {
        const recorded = yield* play("[[error]]", { choice: { options: { script: "reasoning" } } });
        expect(textOf(recorded, "reasoning")).toContain("97");
        expect(recorded.at(-1)?.type).toBe("turn.completed");
    }));
    it.effect("fails an unknown script with the names there are, and options it can't take, before any step", () => Effect.gen(function* () {
        const unknown = yield* Effect.flip(play("[[nothing-like-it]]"));
        expect(unknown).toMatchObject({ _tag: "RuntimeFailed", code: "UnknownScript" });
        for (const { name } of scripts)
            expect(unknown.message).toContain(name);
        const invalid = yield* Effect.flip(play("x", { choice: { options: { script: "stream", deltas: -1 } } }));
        expect(invalid).toMatchObject({ _tag: "RuntimeFailed", code: "InvalidRuntimeOptions" });
    }));
    it.effect("runs a step's calls between it and the next one, and tells the model how each ended", () => Effect.gen(function* () {
        const recorded = yield* play("[[tools]]");
        const [first, second] = recorded.flatMap((entry, i) => (entry.type === "step.opened" ? [i] : []));
        const closed = recorded.flatMap((entry, i) => entry.type === "tool-call.completed" ? [{ entry, i }] : []);
        expect(closed.map(({ entry }) => entry.status).toSorted()).toEqual(["completed", "completed", "error"]);
        for (const { i } of closed)
            expect(i > first && i < second).toBe(true);
        expect(textOf(recorded)).toContain('North: {"metres":4.2}. South: {"metres":3.9}. Tunnel: The tunnel');
    }));
    it.effect("does not run a call that was denied, and says so", () => Effect.gen(function* () {
        const recorded = yield* play("[[approval]]", {
            respond: () => ({ type: "approval", decision: "deny", reason: "not on a Sunday" })
        });
        expect(recorded.filter(({ type }) => type === "tool-call.output-delta")).toEqual([]);
        expect(recorded.find((entry) => entry.type === "tool-call.completed")).toMatchObject({
            status: "denied"
        });
        expect(textOf(recorded)).toContain("The gate stays as it is. Denied: not on a Sunday");
    }));
    it.effect("gives the answers to a question back as the call's result", () => Effect.gen(function* () {
        const recorded = yield* play("[[question]]");
        const answers = { river: "my river", when: "my when" };
        expect(recorded.find((entry) => entry.type === "tool-call.completed")).toMatchObject({
            result: answers
        });
        expect(textOf(recorded)).toContain(JSON.stringify(answers));
    }));
    it.effect("writes a retried text again under another item, and never completes the first", () => Effect.gen(function* () {
        const recorded = yield* play("[[retry]]");
        expect(types(recorded)).toEqual([
            "step.opened",
            "step.retried",
            "text.delta",
            "step.retried",
            "text.delta",
            "text.completed",
            "step.finished",
            "turn.completed"
        ]);
        const items = recorded.flatMap((entry) => (entry.type === "text.delta" ? [entry.itemId] : []));
        expect(new Set(items).size).toBe(2);
        expect(recorded.find((entry) => entry.type === "text.completed")).toMatchObject({
            itemId: items.at(-1)
        });
    }));
    it.effect("writes 40,000 characters, or as many as it is asked for", () => Effect.gen(function* () {
        expect(textOf(yield* play("[[long]]"))).toHaveLength(40_000);
        expect(textOf(yield* play("[[long]]", { choice: { options: { characters: 24_001, deltaSize: 7 } } }))).toHaveLength(24_001);
    }));
    it.effect("streams as many deltas of the size and at the interval that it is asked for", () => Effect.gen(function* () {
        const options = { script: "stream", deltas: 30, deltaSize: 10, intervalMs: 100 };
        const { fiber, recorded } = yield* start("go", { choice: { options } });
        const deltas = () => recorded.filter(({ type }) => type === "text.delta").length;
        expect(deltas()).toBe(1);
        yield* TestClock.adjust(1_000);
        expect(deltas()).toBe(11);
        yield* TestClock.adjust(2_000);
        yield* Fiber.join(fiber);
        expect(deltas()).toBe(30);
        expect(textOf(recorded)).toBe(streamedText(options));
    }));
    it.effect("stops at once when it is interrupted while it sleeps, and reports the usage so far", () => Effect.gen(function* () {
        const { fiber, interrupt, recorded } = yield* start("[[slow]]");
        yield* TestClock.adjust(1_000);
        yield* interrupt;
        yield* Fiber.join(fiber);
        const [finished, aborted] = recorded.slice(-2);
        expect(finished).toMatchObject({
            type: "step.finished",
            finishReason: "aborted",
            responseId: "scripted/turn-1#0"
        });
        expect(finished).toHaveProperty("usage.outputTokens", Math.ceil(textOf(recorded).length / 4));
        expect(aborted).toEqual({ type: "turn.aborted" });
    }));
    it.effect("stops when it is interrupted while a person is asked, without finishing the step twice", () => Effect.gen(function* () {
        const recording = yield* start("[[approval]]");
        yield* untilAsked(recording);
        yield* recording.interrupt;
        yield* Fiber.join(recording.fiber);
        expect(recording.recorded.filter(({ type }) => type === "step.finished")).toHaveLength(1);
        expect(recording.recorded.at(-1)).toEqual({ type: "turn.aborted" });
    }));
    it.effect("waits for room in the lane before it goes on", () => Effect.gen(function* () {
        const { fiber, interrupt, recorded } = yield* start("[[text]]", {
            beforeAdmission: (event) => (event.type === "text.delta" ? Effect.never : Effect.void)
        });
        yield* Effect.yieldNow;
        expect(recorded.map(({ type }) => type)).toEqual(["step.opened"]);
        yield* interrupt;
        yield* Fiber.join(fiber);
        expect(recorded.at(-1)).toEqual({ type: "turn.aborted" });
    }));
    it.effect("takes steering messages into its next step, and opens one for those that came during the last", () => Effect.gen(function* () {
        const recording = yield* start("[[approval]]", { respond: () => undefined });
        yield* untilAsked(recording);
        recording.steer("make it five");
        const asked = recording.recorded.find((entry) => entry.type === "request.asked");
        yield* recording.answer(asked.request.requestId, yes);
        yield* Fiber.join(recording.fiber);
        expect(textOf(recording.recorded)).toContain("You said meanwhile: “make it five”");
        const late = yield* start("[[slow]]");
        late.steer("one more thing");
        yield* TestClock.adjust(20_000);
        yield* Fiber.join(late.fiber);
        expect(late.recorded.filter(({ type }) => type === "step.opened")).toHaveLength(2);
        expect(textOf(late.recorded)).toContain("You said meanwhile: “one more thing”");
    }));
    for (const name of ["approval", "question"]) {
        it.effect(`A12 goes on from the log where a turn was parked: ${name}`, () => Effect.gen(function* () {
            const whole = yield* play(`[[${name}]]`);
            const parked = yield* start(`[[${name}]]`, { respond: () => undefined });
            yield* untilAsked(parked);
            yield* Fiber.interrupt(parked.fiber);
            const rest = yield* play(`[[${name}]]`, { before: parked.recorded });
            const asked = parked.recorded.findIndex(({ type }) => type === "request.asked");
            expect([...parked.recorded.slice(0, asked), ...rest]).toEqual(whole);
        }));
    }
    it.effect("A12 does not run again what the log holds as closed", () => Effect.gen(function* () {
        const whole = yield* play("[[tools]]");
        const second = whole.findIndex((entry) => entry.type === "step.opened" && entry.stepId.endsWith("#1"));
        const rest = yield* play("[[tools]]", { before: whole.slice(0, second) });
        expect(rest).toEqual(whole.slice(second));
    }));
});
//# sourceMappingURL=ScriptedRuntime.test.js.map