/**
 * The history without steering messages that no step has taken: those stand behind the turn's last answer, and the next step brings
 * them along.
 */
export const startingHistory = ({ history, turn }) => {
    const lastAnswer = turn.messages.findLastIndex(({ role }) => role === "assistant");
    const asking = turn.messages.findIndex(({ messageId }) => messageId === turn.messageId);
    const waiting = turn.messages.slice(Math.max(lastAnswer, asking) + 1);
    return waiting.length === 0 ? history : history.slice(0, -waiting.length);
};
/**
 * Calls that the log holds without an outcome: those of the step in which the turn was parked. `lost` are those that can't go on from
 * the log: a provider ran them, or their input was too large to be kept whole.
 */
export const openCalls = ({ turn }) => {
    const open = turn.messages
        .flatMap(({ parts }) => parts)
        .filter((part) => part.type === "tool-call" && part.status === "open");
    const isLost = (call) => call.providerExecuted || call.inputTruncated;
    return { lost: open.filter(isLost), runnable: open.filter((call) => !isLost(call)) };
};
/** The history with outcomes that the log did not hold yet. */
export const withOutcomes = (history, closed) => {
    const outcomes = new Map(closed.map(({ outcome, toolCallId }) => [toolCallId, outcome]));
    return history.map((message) => {
        if (message.role !== "assistant")
            return message;
        const results = message.parts.flatMap((part) => {
            const outcome = part.type === "tool-call" ? outcomes.get(part.toolCallId) : undefined;
            if (part.type !== "tool-call" || outcome === undefined)
                return [];
            const { name, toolCallId } = part;
            return outcome.status === "completed"
                ? [{ toolCallId, name, status: outcome.status, result: outcome.result, error: null }]
                : [{ toolCallId, name, status: outcome.status, result: null, error: outcome.error.message }];
        });
        return results.length === 0 ? message : { ...message, toolResults: [...message.toolResults, ...results] };
    });
};
//# sourceMappingURL=startingHistory.js.map