/**
 * The loop of a turn: a step is opened, then its model call leaves, then its tool calls run, then the next step. We run the loop and
 * not the SDK, because each step is committed before its request leaves, and each answer before the next.
 */
import { stepIdOf } from "@spillway/contracts";
import { Effect } from "effect";
import { requestIdOf, uniqueToolCallId } from "../ids.js";
import { runToolCalls } from "../toolCalls.js";
import { untilInterrupted } from "../untilInterrupted.js";
import { callModel, loadAiSdk } from "./callModel.js";
import { modelMessages, toolMessage, toolResult } from "./modelMessages.js";
import { toolCallToRun } from "./runTool.js";
import { openCalls, startingHistory, withOutcomes } from "./startingHistory.js";
export const runTurn = Effect.fnUntraced(function* (settings, input, session) {
    const { model, tools } = settings;
    const sdk = yield* loadAiSdk;
    const toolSet = declarations(tools);
    const takenIds = new Set(input.history.flatMap((message) => message.role === "assistant"
        ? message.parts.flatMap((part) => (part.type === "tool-call" ? [part.toolCallId] : []))
        : []));
    /** The open step's account, as far as it goes. */
    let soFar;
    /** Calls that a provider runs over more than one step. */
    let providerCalls = [];
    const finishStep = (finishReason, usage) => Effect.suspend(() => {
        if (soFar === undefined || soFar.finished)
            return Effect.void;
        soFar.finished = true;
        const { responseId } = soFar;
        return session.emit({
            type: "step.finished",
            finishReason,
            ...(usage === undefined ? {} : { usage }),
            ...(responseId === undefined ? {} : { responseId })
        });
    });
    const runCalls = Effect.fnUntraced(function* (stepId, calls) {
        const ready = yield* Effect.forEach(calls, (call) => toolCallToRun(session, tools, stepId, call));
        return yield* runToolCalls(session, ready, settings.maxConcurrent);
    });
    /** One step from its opening to the last outcome of its calls; answers how the turn goes on. */
    const step = Effect.fnUntraced(function* (instructions, messages) {
        const { stepId, steering } = yield* session.openStep({ model: model.modelId });
        soFar = { responseId: undefined, usage: {}, finished: false };
        messages.push(...steering.map((content) => ({ role: "user", content })));
        const answer = yield* Effect.scoped(callModel(session, sdk, {
            model,
            instructions,
            messages,
            tools: toolSet,
            options: settings.options,
            soFar,
            translation: {
                itemPrefix: stepId,
                nameCall: (providerCallId) => uniqueToolCallId(takenIds, stepId, providerCallId),
                openCalls: providerCalls
            }
        }));
        const asked = answer.calls.filter((call) => !call.providerExecuted);
        const runnable = asked.filter((call) => !call.closed);
        const reason = answer.finish?.reason ?? "error";
        // As the SDK decides it: a call whose answer ended early may not be what the model meant.
        const cutShort = answer.finish !== undefined && runnable.length > 0 && reason !== "stop" && reason !== "tool-calls";
        const unrun = yield* closeAs(session, cutShort ? runnable : [], {
            code: "NotRun",
            message: `The answer ended early (${reason}), so this call was not run.`
        });
        yield* finishStep(reason, answer.finish?.usage);
        const failure = failureIn(answer);
        if (failure !== undefined)
            return { type: "failed", failure };
        const closed = cutShort ? unrun : yield* runCalls(stepId, runnable);
        const approvals = yield* answerApprovals(session, stepId, answer);
        providerCalls = [...providerCalls, ...answer.calls].filter((call) => call.providerExecuted && !call.closed);
        messages.push(...answer.messages);
        appendResults(messages, [...results(runnable, closed), ...approvals]);
        // An answer that was cut off says nothing of what it meant to call; what a person has answered is passed on all the same.
        const goesOn = !cutShort && (approvals.length > 0 || (asked.length > 0 && reason !== "interrupted"));
        return goesOn ? { type: "next" } : { type: "done", reason: reasonOf(answer) };
    });
    const steps = Effect.gen(function* () {
        const { lost, runnable } = openCalls(input);
        const given = yield* closeAs(session, lost, {
            code: "LostWithRestart",
            message: "The server restarted before this call was done, and nothing is left to go on from."
        });
        const closed = yield* runCalls(stepIdOf(input.turnId, input.nextStepIndex - 1), runnable);
        const history = withOutcomes(startingHistory(input), [...given, ...closed]);
        const { instructions, messages } = modelMessages(history, settings.instructions);
        const said = [...messages];
        for (let index = input.nextStepIndex;; index++) {
            if (index >= settings.maxSteps)
                return yield* session.emit({ type: "turn.completed", reason: "max-steps" });
            const outcome = yield* step(instructions, said);
            if (outcome.type === "failed")
                return yield* session.emit({ type: "turn.failed", error: outcome.failure });
            if (outcome.type === "next" || session.hasSteering())
                continue;
            return yield* session.emit({
                type: "turn.completed",
                ...(outcome.reason === undefined ? {} : { reason: outcome.reason })
            });
        }
    });
    const abort = Effect.gen(function* () {
        yield* finishStep("aborted", soFar?.usage);
        yield* session.emit({ type: "turn.aborted" });
    });
    yield* untilInterrupted(session, steps, abort);
});
/** Without `execute`: the SDK then leaves the running to us. */
const declarations = (tools) => Object.fromEntries(tools.map(({ description, inputSchema, name }) => [name, { description, inputSchema }]));
const failureIn = ({ failure, finish }) => failure ??
    (finish === undefined
        ? {
            code: "ProviderGaveNoOutput",
            message: "The provider's answer has no end. Try the turn again.",
            retryable: true
        }
        : undefined);
/** Why the turn ends, where that is not simply the model's decision. */
const reasonOf = ({ finish }) => {
    switch (finish?.reason) {
        case "length":
            return "max-tokens";
        case "content-filter":
            return finish.raw === "refusal" ? "refusal" : "content-filter";
        case "error":
            return "provider-error";
        case "interrupted":
            return "provider-interrupted";
        default:
            return undefined;
    }
};
/** Ends calls that will not run. */
const closeAs = (session, calls, error) => Effect.forEach(calls, ({ toolCallId }) => {
    const outcome = { status: "error", error };
    return Effect.as(session.emit({ type: "tool-call.completed", toolCallId, ...outcome }), {
        toolCallId,
        outcome
    });
});
const results = (calls, closed) => calls.flatMap(({ name, providerCallId, toolCallId }) => {
    const outcome = closed.find((closed) => closed.toolCallId === toolCallId)?.outcome;
    return outcome === undefined ? [] : [toolResult(providerCallId, name, outcome)];
});
/** Providers want all results of an answer in one message; the SDK has begun one where it refused calls itself. */
const appendResults = (messages, content) => {
    if (content.length === 0)
        return;
    const last = messages.at(-1);
    if (last?.role === "tool")
        messages[messages.length - 1] = toolMessage([...last.content, ...content]);
    else
        messages.push(toolMessage(content));
};
/** Asks a person what the provider wants to know before it runs a tool of its own. */
const answerApprovals = (session, stepId, { approvals }) => Effect.forEach(approvals, Effect.fnUntraced(function* ({ approvalId, call }) {
    const response = yield* session.request({
        requestId: requestIdOf(stepId, approvalId),
        kind: "approval",
        title: `Allow ${call.name}?`,
        toolCallId: call.toolCallId
    });
    const approved = response.type === "approval" && response.decision === "approve";
    if (!approved) {
        call.closed = true;
        const error = { code: "ToolCallDenied", message: "The person who was asked denied this call." };
        yield* session.emit({
            type: "tool-call.completed",
            toolCallId: call.toolCallId,
            status: "denied",
            error
        });
    }
    return { type: "tool-approval-response", approvalId, approved, providerExecuted: true };
}), { concurrency: "unbounded" });
//# sourceMappingURL=runTurn.js.map