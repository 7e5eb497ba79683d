import type { AiSdkModel } from "./sdkTypes.ts"

/** Where OpenTelemetry's name of a provider is not what the AI SDK calls it. */
const names: ReadonlyArray<readonly [prefix: string, name: string]> = [
  ["google.vertex", "gcp.vertex_ai"],
  ["google", "gcp.gemini"],
  ["vertex", "gcp.vertex_ai"],
  ["amazon-bedrock", "aws.bedrock"],
  ["bedrock", "aws.bedrock"],
  ["azure", "azure.ai.openai"],
  ["mistral", "mistral_ai"],
  ["xai", "x_ai"]
]

/** Who answers a model's calls, for traces. The AI SDK says `anthropic.messages`, or `openai.responses`. */
export const providerName = ({ provider }: Pick<AiSdkModel, "provider">): string =>
  names.find(([prefix]) => provider.startsWith(prefix))?.[1] ?? provider.split(".")[0]!
