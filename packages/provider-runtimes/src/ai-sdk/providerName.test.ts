import { expect, it } from "vitest"
import { providerName } from "./providerName.ts"

it("names providers as OpenTelemetry does, and others as the AI SDK does, without the API that they are called by", () => {
  const named = (provider: string) => providerName({ provider })
  expect(
    [
      "anthropic.messages",
      "openai.responses",
      "google.generative-ai",
      "google.vertex.chat",
      "amazon-bedrock",
      "azure.chat",
      "mistral.chat",
      "xai.chat",
      "compatible.chat"
    ].map(named)
  ).toEqual([
    "anthropic",
    "openai",
    "gcp.gemini",
    "gcp.vertex_ai",
    "aws.bedrock",
    "azure.ai.openai",
    "mistral_ai",
    "x_ai",
    "compatible"
  ])
})
