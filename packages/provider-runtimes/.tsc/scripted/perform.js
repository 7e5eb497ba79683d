/** Plays a script through a session, as a provider runtime would report a model's work. */
import { pieces, stepIdOf } from "@spillway/contracts";
import { Effect } from "effect";
import { requestIdOf, toolCallIdIn } from "../ids.js";
import { runToolCalls } from "../toolCalls.js";
import { untilInterrupted } from "../untilInterrupted.js";
/** The name under which messages of this runtime are opened. */
const model = "scripted";
const maxConcurrent = 4;
/** Goes on where the log ends, and ends the turn: also when it is interrupted, at whatever point, or when the script fails. */
export const perform = Effect.fnUntraced(function* (chosen, input, session) {
    const { options, script } = chosen;
    const { deltaSize, intervalMs } = { ...script.pace, ...options };
    const outcomes = new Map(input.turn.steps.flatMap((_, index) => loggedOutcomes(script.steps[index], input, index)));
    const scene = { prompt: input.prompt, options, outcomes };
    let written = { index: input.nextStepIndex, items: 0, text: 0, reasoning: 0, finished: true };
    const write = Effect.fnUntraced(function* (kind, text, breaksOff = false) {
        const itemId = `${written.index}.${written.items++}`;
        for (const delta of pieces(text, deltaSize)) {
            yield* session.emit({ type: "text.delta", itemId, kind, delta });
            written[kind] += delta.length;
            if (intervalMs > 0)
                yield* Effect.sleep(intervalMs);
        }
        if (!breaksOff)
            yield* session.emit({ type: "text.completed", itemId, kind });
    });
    const finishStep = (finishReason) => {
        written.finished = true;
        return session.emit({ type: "step.finished", ...accountOf(input, written), finishReason });
    };
    /** `true` when the script goes on after the beat. */
    const play = Effect.fnUntraced(function* (beat) {
        switch (beat.type) {
            case "text":
            case "reasoning":
                yield* write(beat.type, typeof beat.text === "string" ? beat.text : beat.text(scene), beat.breaksOff);
                return true;
            case "pause":
                yield* Effect.sleep(beat.milliseconds);
                return true;
            case "retry":
                yield* session.emit({ type: "step.retried", reason: beat.reason });
                return true;
            case "fail":
                yield* finishStep("error");
                yield* session.emit({ type: "turn.failed", error: beat.error });
                return false;
        }
    });
    const openStep = Effect.fnUntraced(function* (index) {
        const opened = yield* session.openStep({ model });
        written = { index, items: 0, text: 0, reasoning: 0, finished: false };
        for (const steered of opened.steering)
            yield* write("text", `You said meanwhile: “${steered}”\n\n`);
    });
    const announce = Effect.fnUntraced(function* (calls) {
        const stepId = stepIdOf(input.turnId, written.index);
        for (const { id, name, input } of calls) {
            const toolCallId = toolCallIdIn(stepId, id);
            for (const delta of pieces(JSON.stringify(input), deltaSize)) {
                yield* session.emit({ type: "tool-call.input-delta", toolCallId, name, delta });
            }
            yield* session.emit({ type: "tool-call.started", toolCallId, name, input });
        }
    });
    /** Runs the step's calls that the log doesn't hold as closed. */
    const runCalls = Effect.fnUntraced(function* (index, calls) {
        const open = calls.filter(({ id }) => !outcomes.has(id));
        const closed = yield* runToolCalls(session, open.map((call) => callToRun(input, session, index, intervalMs, call)), maxConcurrent);
        for (const [i, { outcome }] of closed.entries())
            outcomes.set(open[i].id, outcome);
    });
    const playScript = Effect.gen(function* () {
        let index = input.nextStepIndex;
        if (index > 0)
            yield* runCalls(index - 1, script.steps[index - 1]?.calls ?? []);
        for (; index < script.steps.length; index++) {
            const { beats, calls = [] } = script.steps[index];
            yield* openStep(index);
            for (const beat of beats) {
                if (!(yield* play(beat)))
                    return;
            }
            yield* announce(calls);
            yield* finishStep(calls.length > 0 ? "tool-calls" : "stop");
            yield* runCalls(index, calls);
        }
        for (; session.hasSteering(); index++) {
            yield* openStep(index);
            yield* finishStep("stop");
        }
        yield* session.emit({ type: "turn.completed" });
    });
    const abort = Effect.gen(function* () {
        if (!written.finished)
            yield* finishStep("aborted");
        yield* session.emit({ type: "turn.aborted" });
    });
    yield* untilInterrupted(session, playScript, abort);
});
const callToRun = (input, session, index, intervalMs, call) => {
    const stepId = stepIdOf(input.turnId, index);
    const toolCallId = toolCallIdIn(stepId, call.id);
    return {
        toolCallId,
        ...(call.asks === undefined ? {} : { asks: { requestId: requestIdOf(stepId, call.id), ...call.asks } }),
        run: Effect.fnUntraced(function* (response) {
            for (const delta of call.prints ?? []) {
                yield* session.emit({ type: "tool-call.output-delta", toolCallId, delta });
                if (intervalMs > 0)
                    yield* Effect.sleep(intervalMs);
            }
            if (response?.type === "input")
                return { status: "completed", result: response.answers };
            return call.ends ?? { status: "completed", result: null };
        })
    };
};
/** How the calls of one step ended according to the log, by the id that the script gave them. */
const loggedOutcomes = (step, input, index) => {
    const stepId = stepIdOf(input.turnId, index);
    const parts = input.turn.messages.flatMap((message) => (message.stepId === stepId ? message.parts : []));
    return (step?.calls ?? []).flatMap(({ id }) => {
        const toolCallId = toolCallIdIn(stepId, id);
        const part = parts.find((part) => part.type === "tool-call" && part.toolCallId === toolCallId);
        return part?.type === "tool-call" && part.status !== "open"
            ? [[id, outcomeOf(part, part.status)]]
            : [];
    });
};
const outcomeOf = (part, status) => status === "completed"
    ? { status, result: part.result }
    : { status, error: part.error ?? { code: "Unknown", message: "The call ended without a result." } };
/** What a provider would count, at about four characters a token, and the id it would give its answer. */
const accountOf = (input, written) => {
    const inputTokens = Math.ceil(input.prompt.length / 4);
    const reasoningTokens = Math.ceil(written.reasoning / 4);
    const outputTokens = Math.ceil(written.text / 4) + reasoningTokens;
    const usage = { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens, reasoningTokens };
    return { usage, responseId: `scripted/${stepIdOf(input.turnId, written.index)}` };
};
//# sourceMappingURL=perform.js.map