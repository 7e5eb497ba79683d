import { Result } from "effect";
import { describe, expect, it } from "vitest";
import { modelRegistry } from "./ModelRegistry.js";
const registry = (environment) => Result.getOrThrow(modelRegistry(environment));
const refusal = (environment) => Result.getOrThrow(Result.flip(modelRegistry(environment))).message;
const local = { SPILLWAY_MODEL_BASE_URL: "http://127.0.0.1:11434/v1", SPILLWAY_MODEL: "openai/gpt-oss-20b" };
describe("modelRegistry", () => {
    it("has no model without configuration, and says what to set", async () => {
        const none = registry({ OPENAI_API_KEY: "  " });
        expect(none).toMatchObject({ defaultModel: null, providers: [] });
        await expect(none.model({})).rejects.toMatchObject({
            code: "NoModelConfigured",
            message: expect.stringContaining("ANTHROPIC_API_KEY")
        });
    });
    it.each([
        [{ ANTHROPIC_API_KEY: "k" }, "anthropic"],
        [{ OPENAI_API_KEY: "k" }, "openai"],
        [{ GOOGLE_GENERATIVE_AI_API_KEY: "k" }, "google"]
    ])("takes a provider's own default model where its key is set: %j", async (environment, provider) => {
        const { defaultModel, model } = registry(environment);
        const { modelId, provider: made } = await model({});
        expect(defaultModel).toBe(`${provider}/${modelId}`);
        expect(made).toContain(provider);
    });
    it("puts a server of one's own before all providers, and takes its models by their whole names", async () => {
        const { defaultModel, model, providers } = registry({ ...local, ANTHROPIC_API_KEY: "k" });
        expect(defaultModel).toBe("compatible/openai/gpt-oss-20b");
        expect(providers).toEqual(["compatible", "anthropic"]);
        expect((await model({})).modelId).toBe("openai/gpt-oss-20b");
        expect((await model({ model: "meta/llama" })).modelId).toBe("meta/llama");
        expect((await model({ model: "anthropic/claude-x" })).provider).toContain("anthropic");
    });
    it("takes SPILLWAY_MODEL as the default among the providers, where no base URL is set", async () => {
        const { defaultModel, model } = registry({
            SPILLWAY_MODEL: "openai/gpt-x",
            ANTHROPIC_API_KEY: "k",
            OPENAI_API_KEY: "k"
        });
        expect(defaultModel).toBe("openai/gpt-x");
        expect((await model({ model: "claude-x" })).provider).toContain("anthropic");
    });
    it("says which key is missing when a turn names a provider that is not configured", async () => {
        await expect(registry({ ANTHROPIC_API_KEY: "k" }).model({ model: "openai/gpt-x" })).rejects.toMatchObject({
            code: "ProviderNotConfigured",
            message: expect.stringContaining("OPENAI_API_KEY")
        });
    });
    it("refuses settings that can't work", () => {
        expect(refusal({ SPILLWAY_MODEL_BASE_URL: local.SPILLWAY_MODEL_BASE_URL })).toContain("SPILLWAY_MODEL is not");
        expect(refusal({ ...local, SPILLWAY_MODEL_BASE_URL: "localhost:11434" })).toContain("no http address");
        expect(refusal({ SPILLWAY_MODEL: "llama" })).toContain("no provider is");
        expect(refusal({ SPILLWAY_MODEL: "openai/gpt-x", ANTHROPIC_API_KEY: "k" })).toContain("OPENAI_API_KEY");
    });
});
//# sourceMappingURL=ModelRegistry.test.js.map