import { Effect } from "effect";
/** Reports each outcome as it is there, at most `maxConcurrent` calls running at once, and answers all of them in call order. */
export const runToolCalls = Effect.fnUntraced(function* (session, calls, maxConcurrent) {
    const outcomes = new Map();
    const close = (call, outcome) => {
        outcomes.set(call.toolCallId, outcome);
        return session.emit({ type: "tool-call.completed", toolCallId: call.toolCallId, ...outcome });
    };
    const run = (call, response) => Effect.flatMap(call.run(response), (outcome) => close(call, outcome));
    yield* Effect.forEach(calls.filter((call) => call.asks === undefined), (call) => run(call, null), { concurrency: maxConcurrent, discard: true });
    const answered = yield* Effect.forEach(calls.flatMap((call) => (call.asks === undefined ? [] : [{ call, asks: call.asks }])), Effect.fnUntraced(function* ({ asks, call }) {
        const response = yield* session.request({ ...asks, toolCallId: call.toolCallId });
        if (!isDenial(response))
            return [{ call, response }];
        yield* close(call, denied(response.reason));
        return [];
    }), { concurrency: "unbounded" });
    yield* Effect.forEach(answered.flat(), ({ call, response }) => run(call, response), {
        concurrency: maxConcurrent,
        discard: true
    });
    return calls.flatMap(({ toolCallId }) => {
        const outcome = outcomes.get(toolCallId);
        return outcome === undefined ? [] : [{ toolCallId, outcome }];
    });
});
const isDenial = (response) => response.type === "approval" && response.decision === "deny";
const denied = (reason) => ({
    status: "denied",
    error: {
        code: "ToolCallDenied",
        message: reason === undefined ? "The person who was asked denied this call." : `Denied: ${reason}`
    }
});
//# sourceMappingURL=toolCalls.js.map