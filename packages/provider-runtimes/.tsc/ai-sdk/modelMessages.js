/** What stands in for a person's words where only a system spoke. */
const goOn = { role: "user", content: "Go on." };
/** Follows an answer that was cut off, so that the model does not take it for a finished one. */
const cutOffNote = "[This answer was cut off before its end.]";
/**
 * - Reasoning is left out: without the provider's signatures, which the log does not hold, most refuse it.
 * - Calls that a provider ran itself are left out with their results: each provider takes only its own form of them.
 * - Call ids are numbered anew. Ids of one provider are refused by another; nine letters and digits suit all of them, and the
 *   numbers stay the same as a thread grows, so that prompt caches hold.
 */
export const modelMessages = (history, ownInstructions) => {
    const numbers = new Map();
    const numberOf = (id) => {
        const known = numbers.get(id) ?? `past${String(numbers.size + 1).padStart(5, "0")}`;
        numbers.set(id, known);
        return known;
    };
    const instructions = [
        ownInstructions,
        ...history.map((message) => (message.role === "system" ? message.text : ""))
    ];
    const messages = history.flatMap((message) => {
        if (message.role === "assistant")
            return assistantMessages(message, numberOf);
        return message.role === "system" ? [] : [{ role: "user", content: message.text }];
    });
    const last = messages.at(-1)?.role;
    return {
        instructions: instructions.filter(Boolean).join("\n\n") || undefined,
        messages: last === "user" || last === "tool" ? messages : [...messages, goOn]
    };
};
const assistantMessages = (message, numberOf) => {
    const results = new Map(message.toolResults.map((result) => [result.toolCallId, result]));
    const ownCalls = message.parts.filter((part) => part.type === "tool-call" && !part.providerExecuted);
    const content = message.parts.flatMap((part) => saidIn(part, numberOf));
    if (message.cutOff && content.length > 0) {
        const firstCall = content.findIndex(({ type }) => type === "tool-call");
        content.splice(firstCall < 0 ? content.length : firstCall, 0, { type: "text", text: cutOffNote });
    }
    if (content.length === 0)
        return [];
    return [
        { role: "assistant", content },
        ...(ownCalls.length === 0
            ? []
            : [
                toolMessage(ownCalls.flatMap((part) => part.type === "tool-call"
                    ? [toolResult(numberOf(part.toolCallId), part.name, outcomeIn(results.get(part.toolCallId)))]
                    : []))
            ])
    ];
};
const saidIn = (part, numberOf) => {
    if (part.type !== "tool-call") {
        return part.type === "reasoning" || part.text === "" ? [] : [{ type: "text", text: part.text }];
    }
    if (part.providerExecuted)
        return [];
    const input = typeof part.input === "object" && part.input !== null ? part.input : {};
    return [{ type: "tool-call", toolCallId: numberOf(part.toolCallId), toolName: part.name, input }];
};
const outcomeIn = (result) => {
    if (result === undefined)
        return { status: "error", error: { code: "NoResult", message: "The call has no result." } };
    const { error, status } = result;
    return status === "completed"
        ? { status, result: result.result }
        : { status, error: { code: status, message: error ?? "The call ended without a result." } };
};
/** One call's outcome, in the words that the AI SDK has for it. */
export const toolResult = (toolCallId, toolName, outcome) => ({
    type: "tool-result",
    toolCallId,
    toolName,
    output: outputOf(outcome)
});
export const toolMessage = (content) => ({
    role: "tool",
    content
});
const outputOf = (outcome) => {
    switch (outcome.status) {
        case "completed":
            return typeof outcome.result === "string"
                ? { type: "text", value: outcome.result }
                : {
                    type: "json",
                    value: outcome.result
                };
        case "denied":
            return { type: "execution-denied", reason: outcome.error.message };
        case "error":
            return { type: "error-text", value: outcome.error.message };
    }
};
//# sourceMappingURL=modelMessages.js.map