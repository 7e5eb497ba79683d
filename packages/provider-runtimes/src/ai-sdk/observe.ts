/** Listens at a model's own stream for what the AI SDK keeps to itself until the answer is complete. */
import type { Usage } from "@spillway/contracts"
import type { wrapLanguageModel } from "ai"
import type { AiSdkModel } from "./sdkTypes.ts"
import { usageInChunk } from "./usage.ts"

/** What the provider has said of its answer so far. */
export interface AnswerSoFar {
  responseId: string | undefined
  usage: Usage
}

/** The same model; what it says of its answer is put into `soFar` as it passes. */
export const observe = (model: AiSdkModel, wrap: typeof wrapLanguageModel, soFar: AnswerSoFar): AiSdkModel =>
  wrap({
    model,
    middleware: {
      transformParams: async ({ params }) => ({ ...params, includeRawChunks: true }),
      wrapStream: async ({ doStream }) => {
        const { stream, ...rest } = await doStream()
        return {
          ...rest,
          stream: stream.pipeThrough(
            new TransformStream({
              transform: (part, controller) => {
                if (part.type === "raw") soFar.usage = { ...soFar.usage, ...usageInChunk(part.rawValue) }
                else controller.enqueue(part)
                if (part.type === "response-metadata") soFar.responseId = part.id ?? soFar.responseId
              }
            })
          )
        }
      }
    }
  })
