import { describe, expect, it } from "vitest";
import { usageInChunk } from "./usage.js";
describe("usageInChunk", () => {
    it("reads what Anthropic says at an answer's beginning and end, cached tokens being input", () => {
        const usage = {
            input_tokens: 10,
            cache_read_input_tokens: 5,
            cache_creation_input_tokens: 2,
            output_tokens: 1
        };
        expect(usageInChunk({ type: "message_start", message: { usage } })).toEqual({
            inputTokens: 17,
            outputTokens: 1,
            cachedInputTokens: 5
        });
        expect(usageInChunk({ type: "message_delta", usage: { output_tokens: 40 } })).toEqual({
            outputTokens: 40
        });
    });
    it("reads what Gemini says with each chunk, thoughts being output", () => {
        const usageMetadata = {
            promptTokenCount: 8,
            candidatesTokenCount: 3,
            thoughtsTokenCount: 4,
            totalTokenCount: 15
        };
        expect(usageInChunk({ candidates: [], usageMetadata })).toEqual({
            inputTokens: 8,
            outputTokens: 7,
            totalTokens: 15,
            reasoningTokens: 4
        });
    });
    it("reads what servers of OpenAI's chat API say", () => {
        const usage = {
            prompt_tokens: 9,
            completion_tokens: 2,
            total_tokens: 11,
            prompt_tokens_details: { cached_tokens: 3 }
        };
        expect(usageInChunk({ choices: [], usage })).toEqual({
            inputTokens: 9,
            outputTokens: 2,
            totalTokens: 11,
            cachedInputTokens: 3
        });
    });
    it.each([[null], ["[DONE]"], [{ usage: null }], [{ type: "content_block_delta", delta: { text: "hi" } }]])("finds nothing in %j", (chunk) => {
        expect(usageInChunk(chunk)).toEqual({});
    });
});
//# sourceMappingURL=usage.test.js.map