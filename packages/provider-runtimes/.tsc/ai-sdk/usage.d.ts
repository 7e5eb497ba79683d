/** Token counts: as the AI SDK gives them at a step's end, and as providers mention them before it. */
import type { Usage } from "@spillway/contracts";
import type { LanguageModelUsage } from "ai";
export declare const usageOf: (usage: LanguageModelUsage) => Usage;
/**
 * What one raw chunk of a provider's stream says about tokens; empty for most. It is all there is when a step is aborted: the SDK
 * counts at the end of an answer only. Knows Anthropic's `message_start` and `message_delta`, Gemini's `usageMetadata`, and `usage`
 * as servers of OpenAI's chat API send it.
 */
export declare const usageInChunk: (chunk: unknown) => Usage;
//# sourceMappingURL=usage.d.ts.map