/** A model provider on loopback, for tests: it speaks OpenAI's chat API, and does with each request what the test says. */
import { createServer, type ServerResponse } from "node:http"
import { listening } from "@spillway/orchestration/testing"
import { createOpenAICompatible } from "@ai-sdk/openai-compatible"
import { Effect, type Scope } from "effect"
import type { AiSdkModel } from "../ai-sdk/sdkTypes.ts"

export interface ChatRequest {
  readonly messages: ReadonlyArray<{
    readonly role: string
    readonly content?: unknown
    readonly tool_call_id?: string
    readonly tool_calls?: ReadonlyArray<{ readonly id: string; readonly function: { readonly name: string } }>
  }>
  readonly tools?: ReadonlyArray<{
    readonly function: { readonly name: string; readonly parameters: unknown }
  }>
}

export interface FakeProvider {
  readonly model: AiSdkModel
  readonly requests: ReadonlyArray<ChatRequest>
}

/** `answer` is called once a request is complete; `onBytes` when its first bytes arrive at the socket. */
export const fakeProvider = Effect.fnUntraced(function* (options: {
  readonly answer: (response: ServerResponse, index: number) => void
  readonly onBytes?: () => void
}): Effect.fn.Return<FakeProvider, never, Scope.Scope> {
  const requests: Array<ChatRequest> = []
  const server = createServer((request, response) => {
    let body = ""
    request.setEncoding("utf8")
    request.on("data", (data: string) => (body += data))
    request.on("end", () => {
      requests.push(JSON.parse(body))
      options.answer(response, requests.length - 1)
    })
  })
  if (options.onBytes !== undefined) {
    const { onBytes } = options
    server.on("connection", (socket) => socket.on("data", onBytes))
  }
  const provider = createOpenAICompatible({
    name: "fake",
    baseURL: `${yield* listening(server)}/v1`,
    includeUsage: true
  })
  return { model: provider.chatModel("fake-1"), requests }
})

interface Said {
  readonly text?: string
  readonly reasoning?: string
  readonly calls?: ReadonlyArray<{ readonly id: string; readonly name: string; readonly input: unknown }>
  readonly finish?: string
}

const chunk = (delta: object, finish: string | null = null): string =>
  event({ id: "chat-1", model: "fake-1-2026", choices: [{ index: 0, delta, finish_reason: finish }] })

export const event = (value: unknown): string =>
  `data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`

/** The beginning of an answer: everything but its end. */
export const begun = ({ calls = [], reasoning = "", text = "" }: Said): string =>
  [
    chunk({ role: "assistant", content: "" }),
    ...(reasoning === "" ? [] : [chunk({ reasoning_content: reasoning })]),
    ...text.split(/(?<= )/).map((content) => chunk({ content })),
    ...calls.flatMap(({ id, input, name }, index) => {
      const written = typeof input === "string" ? input : JSON.stringify(input)
      const half = Math.ceil(written.length / 2)
      return [
        chunk({ tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] }),
        ...[written.slice(0, half), written.slice(half)].map((part) =>
          chunk({ tool_calls: [{ index, function: { arguments: part } }] })
        )
      ]
    })
  ].join("")

export const ended = (finish: string): string =>
  chunk({}, finish) +
  event({ id: "chat-1", choices: [], usage: { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 } }) +
  event("[DONE]")

/** A whole answer. */
export const say = (response: ServerResponse, said: Said): void => {
  stream(response).end(begun(said) + ended(said.finish ?? (said.calls === undefined ? "stop" : "tool_calls")))
}

/** An answer whose events the test writes itself. */
export const stream = (response: ServerResponse): ServerResponse =>
  response.writeHead(200, { "content-type": "text/event-stream" })
