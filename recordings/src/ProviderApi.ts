/** The four shapes in which models are asked and answer by HTTP, as far as recordings of them are played. */
import { Schema } from "effect"

export const ProviderApi = Schema.Literals([
  "openai-chat",
  "openai-responses",
  "anthropic-messages",
  "google-genai"
])
export type ProviderApi = typeof ProviderApi.Type

export const isProviderApi = Schema.is(ProviderApi)

/** Whether a request is the streaming model call of an API. `path` is what follows the base URL, without its query. */
export const isModelCall = (
  api: ProviderApi,
  method: string,
  path: string,
  query: URLSearchParams
): boolean => {
  if (method !== "POST") return false
  switch (api) {
    case "openai-chat":
      return path === "/chat/completions"
    case "openai-responses":
      return path === "/responses"
    case "anthropic-messages":
      return path === "/messages"
    case "google-genai":
      return /^\/models\/[^/]+:streamGenerateContent$/.test(path) && query.get("alt") === "sse"
  }
}
