const present = (counts) => Object.fromEntries(Object.entries(counts).filter(([, count]) => Number.isFinite(count)));
export const usageOf = (usage) => present({
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    totalTokens: usage.totalTokens,
    reasoningTokens: usage.outputTokenDetails.reasoningTokens,
    cachedInputTokens: usage.inputTokenDetails.cacheReadTokens
});
/**
 * What one raw chunk of a provider's stream says about tokens; empty for most. It is all there is when a step is aborted: the SDK
 * counts at the end of an answer only. Knows Anthropic's `message_start` and `message_delta`, Gemini's `usageMetadata`, and `usage`
 * as servers of OpenAI's chat API send it.
 */
export const usageInChunk = (chunk) => {
    const { message, usage, usageMetadata } = record(chunk);
    if (usageMetadata !== undefined)
        return fromGemini(record(usageMetadata));
    const counts = record(usage ?? record(message)["usage"]);
    return "prompt_tokens" in counts ? fromOpenAIChat(counts) : fromAnthropic(counts);
};
const fromGemini = (counts) => {
    const thoughts = number(counts["thoughtsTokenCount"]);
    return present({
        inputTokens: number(counts["promptTokenCount"]),
        outputTokens: sum(number(counts["candidatesTokenCount"]), thoughts),
        totalTokens: number(counts["totalTokenCount"]),
        reasoningTokens: thoughts,
        cachedInputTokens: number(counts["cachedContentTokenCount"])
    });
};
const fromOpenAIChat = (counts) => present({
    inputTokens: number(counts["prompt_tokens"]),
    outputTokens: number(counts["completion_tokens"]),
    totalTokens: number(counts["total_tokens"]),
    reasoningTokens: number(record(counts["completion_tokens_details"])["reasoning_tokens"]),
    cachedInputTokens: number(record(counts["prompt_tokens_details"])["cached_tokens"])
});
const fromAnthropic = (counts) => {
    const cached = number(counts["cache_read_input_tokens"]);
    const input = number(counts["input_tokens"]);
    return present({
        inputTokens: input === undefined ? undefined : sum(input, cached, number(counts["cache_creation_input_tokens"])),
        outputTokens: number(counts["output_tokens"]),
        totalTokens: undefined,
        reasoningTokens: undefined,
        cachedInputTokens: cached
    });
};
const record = (value) => typeof value === "object" && value !== null ? value : {};
const number = (value) => (typeof value === "number" ? value : undefined);
const sum = (...counts) => {
    const known = counts.filter((count) => count !== undefined);
    return known.length === 0 ? undefined : known.reduce((a, b) => a + b, 0);
};
//# sourceMappingURL=usage.js.map