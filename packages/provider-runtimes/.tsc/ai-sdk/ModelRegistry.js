import { RuntimeFailed } from "@spillway/runtime-ingestion";
import { Result, Schema } from "effect";
import { loadPackage } from "./loadPackage.js";
/** The environment asks for a model in a way that can't work. */
export class ModelSettingsInvalid extends Schema.TaggedError("@spillway/provider-runtimes/ModelSettingsInvalid")("ModelSettingsInvalid", { message: Schema.String }) {
}
/** What stands behind a key. The models are each provider's middle one: capable, and not the dearest. */
const keyed = [
    {
        name: "anthropic",
        variable: "ANTHROPIC_API_KEY",
        defaultModel: "claude-sonnet-5-5",
        load: (apiKey) => async (model) => {
            const { createAnthropic } = await loadPackage("@ai-sdk/anthropic", () => import("@ai-sdk/anthropic"));
            return createAnthropic({ apiKey })(model);
        }
    },
    {
        name: "openai",
        variable: "OPENAI_API_KEY",
        defaultModel: "gpt-5.6",
        load: (apiKey) => async (model) => {
            const { createOpenAI } = await loadPackage("@ai-sdk/openai", () => import("@ai-sdk/openai"));
            return createOpenAI({ apiKey })(model);
        }
    },
    {
        name: "google",
        variable: "GOOGLE_GENERATIVE_AI_API_KEY",
        defaultModel: "gemini-3.8-flash",
        load: (apiKey) => async (model) => {
            const { createGoogle } = await loadPackage("@ai-sdk/google", () => import("@ai-sdk/google"));
            return createGoogle({ apiKey })(model);
        }
    }
];
const howToConfigure = `Set ${keyed.map(({ variable }) => variable).join(", ")}, or SPILLWAY_MODEL_BASE_URL and SPILLWAY_MODEL.`;
/**
 * Reads `SPILLWAY_MODEL_BASE_URL` with `SPILLWAY_MODEL` (and `SPILLWAY_MODEL_API_KEY`, where that server wants one), then the
 * providers' own variables. `SPILLWAY_MODEL` without a base URL chooses among these. An empty variable is one that is not set.
 */
export const modelRegistry = (environment) => {
    const read = (variable) => environment[variable]?.trim() || undefined;
    const named = read("SPILLWAY_MODEL");
    const baseURL = read("SPILLWAY_MODEL_BASE_URL");
    if (baseURL !== undefined && !/^https?:$/.test(protocolOf(baseURL))) {
        return invalid("SPILLWAY_MODEL_BASE_URL is no http address. It looks like http://127.0.0.1:11434/v1.");
    }
    if (baseURL !== undefined && named === undefined) {
        return invalid("SPILLWAY_MODEL_BASE_URL is set, and SPILLWAY_MODEL is not. Set it to the name of a model of that server.");
    }
    const providers = [];
    if (baseURL !== undefined && named !== undefined) {
        providers.push({
            name: "compatible",
            defaultModel: named,
            load: compatible(baseURL, read("SPILLWAY_MODEL_API_KEY"))
        });
    }
    for (const { defaultModel, load, name, variable } of keyed) {
        const apiKey = read(variable);
        if (apiKey !== undefined)
            providers.push({ name, defaultModel, load: load(apiKey) });
    }
    const first = providers[0];
    if (first === undefined && named !== undefined) {
        return invalid(`SPILLWAY_MODEL is set, and no provider is. ${howToConfigure}`);
    }
    const byName = (name) => find(providers, name);
    const standard = first === undefined
        ? undefined
        : baseURL === undefined && named !== undefined
            ? byName(named)
            : Result.succeed({ provider: first, model: first.defaultModel });
    if (standard !== undefined && Result.isFailure(standard))
        return invalid(standard.failure.message);
    return Result.succeed({
        defaultModel: standard === undefined ? null : `${standard.success.provider.name}/${standard.success.model}`,
        providers: providers.map(({ name }) => name),
        model: async ({ model: asked }) => {
            const found = asked === undefined ? standard : byName(asked);
            if (found === undefined) {
                throw new RuntimeFailed({
                    code: "NoModelConfigured",
                    message: `No model is configured. ${howToConfigure}`
                });
            }
            const { model, provider } = Result.getOrThrow(found);
            return provider.load(model);
        }
    });
};
/** A prefix is a provider only where it is one that we know: names of models have slashes, too. */
const find = (providers, name) => {
    const slash = name.indexOf("/");
    const prefix = slash < 0 ? "" : name.slice(0, slash);
    const provider = providers.find(({ name }) => name === prefix);
    if (provider !== undefined)
        return Result.succeed({ provider, model: name.slice(slash + 1) });
    const first = providers[0];
    const missing = keyed.find(({ name }) => name === prefix);
    if (first === undefined || (missing !== undefined && first.name !== "compatible")) {
        return Result.fail(new RuntimeFailed({
            code: "ProviderNotConfigured",
            message: `"${name}" can't be used, for its provider is not configured. Set ${missing?.variable ?? "its key"} and start the server again.`
        }));
    }
    return Result.succeed({ provider: first, model: name });
};
const compatible = (baseURL, apiKey) => async (model) => {
    const { createOpenAICompatible } = await loadPackage("@ai-sdk/openai-compatible", () => import("@ai-sdk/openai-compatible"));
    return createOpenAICompatible({
        name: "compatible",
        baseURL,
        includeUsage: true,
        ...(apiKey === undefined ? {} : { apiKey })
    }).chatModel(model);
};
const protocolOf = (url) => (URL.canParse(url) ? new URL(url).protocol : "");
const invalid = (message) => Result.fail(new ModelSettingsInvalid({ message }));
//# sourceMappingURL=ModelRegistry.js.map