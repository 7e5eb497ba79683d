/** What a runtime starts from, made of little, and made again of what a session recorded: as if the log had been read. */
import { assistantMessageIdOf, emptyThreadView, MessageId, modelHistory, PartId, stepIdOf, ThreadId, TurnId } from "@spillway/contracts";
const at = "2026-11-01T12:00:00.000Z";
export const turnId = TurnId.make("turn-1");
export const turnInput = (options) => {
    const choice = options.choice ?? {};
    const turn = turnFrom(options.prompt, choice, options.recorded ?? []);
    const view = { ...emptyThreadView(ThreadId.make("thread-1")), turns: [turn] };
    return {
        threadId: view.threadId,
        turnId,
        choice,
        prompt: options.prompt,
        history: [...(options.history ?? []), ...modelHistory(view)],
        turn,
        nextStepIndex: turn.steps.length
    };
};
/** Steps, messages and tool calls as the log would hold them: a message closes when its model call is finished. */
const turnFrom = (prompt, choice, recorded) => {
    const asking = message(MessageId.make("message-1"), null, [
        { type: "text", partId: PartId.make("prompt"), text: prompt }
    ]);
    const steps = [];
    const messages = [asking];
    const calls = new Map();
    let parts = [];
    for (const entry of recorded) {
        switch (entry.type) {
            case "step.opened":
                steps.push({ stepId: entry.stepId, status: "open", usage: {}, finishReason: null, responseId: null });
                parts = [];
                messages.push(message(assistantMessageIdOf(stepIdOf(turnId, steps.length - 1), 0), entry.stepId, parts));
                break;
            case "text.delta": {
                const last = parts.at(-1);
                const partId = PartId.make(`p${entry.itemId}`);
                if (last?.type === entry.kind && last.partId === partId) {
                    parts[parts.length - 1] = { ...last, text: last.text + entry.delta };
                }
                else
                    parts.push({ type: entry.kind, partId, text: entry.delta });
                break;
            }
            case "step.finished":
                messages.push({ ...messages.pop(), status: "completed", closedAt: at });
                break;
            case "tool-call.started": {
                const call = openCall(entry);
                calls.set(entry.toolCallId, call);
                parts.push(call);
                break;
            }
            case "tool-call.completed": {
                const call = calls.get(entry.toolCallId);
                if (call === undefined)
                    throw new Error(`${entry.toolCallId} was completed before it was started.`);
                Object.assign(call, {
                    status: entry.status,
                    result: entry.result ?? null,
                    error: entry.error ?? null
                });
                break;
            }
            default:
                break;
        }
    }
    return {
        turnId,
        messageId: asking.messageId,
        status: "active",
        interruptRequested: false,
        assistantDeliveryMode: "buffered",
        choice,
        retryOf: null,
        retriedBy: null,
        reason: null,
        error: null,
        requestedAt: at,
        startedAt: at,
        placedAtVersion: 3,
        endedAt: null,
        messages,
        steps,
        requests: [],
        activities: []
    };
};
const message = (messageId, stepId, parts) => ({
    messageId,
    turnId,
    stepId,
    role: stepId === null ? "user" : "assistant",
    status: stepId === null ? "completed" : "open",
    actor: "test",
    runtime: null,
    model: null,
    parts,
    error: null,
    openedAt: at,
    openedAtVersion: 1,
    closedAt: null
});
const openCall = (event) => ({
    type: "tool-call",
    partId: PartId.make(`p${event.toolCallId}`),
    toolCallId: event.toolCallId,
    name: event.name,
    input: event.input,
    inputTruncated: false,
    providerExecuted: event.providerExecuted ?? false,
    status: "open",
    output: "",
    outputTruncated: false,
    result: null,
    resultTruncated: false,
    error: null,
    closedAtVersion: null
});
//# sourceMappingURL=turnInput.js.map