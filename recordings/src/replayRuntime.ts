/** The ai-sdk runtime, with a model behind each thread that is one replay's. */
import { createAnthropic } from "@ai-sdk/anthropic"
import { createGoogle } from "@ai-sdk/google"
import { createOpenAI } from "@ai-sdk/openai"
import { createOpenAICompatible } from "@ai-sdk/openai-compatible"
import type { ThreadId } from "@spillway/contracts"
import { AiSdkRuntime, type AiSdkModel, type AnyTool } from "@spillway/provider-runtimes"
import { type ProviderRuntime, RuntimeFailed } from "@spillway/runtime-ingestion"
import { jsonSchema } from "ai"
import type { ProviderApi } from "./ProviderApi.ts"
import type { Conversation } from "./RecordingIndex.ts"
import type { Replay } from "./ReplayServer.ts"
import { stubToolNames } from "./stubTools.ts"

export interface ReplayRuntime {
  readonly runtime: ProviderRuntime
  /** From now on turns of this thread are answered by this replay. `through` may stand between the two and the session. */
  readonly assign: (
    threadId: ThreadId,
    conversation: Conversation,
    replay: Replay,
    through: (runtime: ProviderRuntime) => ProviderRuntime
  ) => void
}

export const makeReplayRuntime = (): ReplayRuntime => {
  const runtimes = new Map<ThreadId, ProviderRuntime>()
  const unassigned = AiSdkRuntime.make({
    model: () => {
      throw new RuntimeFailed({ code: "NotPlayed", message: "No conversation is played in this thread." })
    }
  })
  return {
    runtime: {
      ...unassigned,
      runTurn: (input, session) => (runtimes.get(input.threadId) ?? unassigned).runTurn(input, session)
    },
    assign: (threadId, { api, calls }, { baseUrl }, through) => {
      const tools = stubToolNames(calls.map(({ pieces }) => Buffer.concat(pieces))).map(stubTool)
      const runtime = AiSdkRuntime.make({
        model: () => modelAt(api, baseUrl),
        tools,
        maxSteps: calls.length + 1,
        maxRetries: 0
      })
      runtimes.set(threadId, through(runtime))
    }
  }
}

const stubTool = (name: string): AnyTool => ({
  name,
  description: "Answers without doing anything.",
  inputSchema: jsonSchema({ type: "object" }),
  execute: async () => ({ stub: name })
})

const modelAt = (api: ProviderApi, baseURL: string): AiSdkModel => {
  const settings = { apiKey: "none", baseURL }
  switch (api) {
    case "openai-chat":
      return createOpenAICompatible({ ...settings, name: "recorded" }).chatModel("recorded")
    case "openai-responses":
      return createOpenAI(settings).responses("recorded")
    case "anthropic-messages":
      return createAnthropic(settings).messages("recorded")
    case "google-genai":
      return createGoogle(settings).chat("recorded")
  }
}
