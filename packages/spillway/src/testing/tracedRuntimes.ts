/** Turns whose every text has the word "secret" in it, on runtimes that call nobody. */
import {
  type AiSdkModel,
  AiSdkRuntime,
  type AnyTool,
  inputSchema,
  type Script,
  ScriptedRuntime
} from "@spillway/provider-runtimes"
import { Schema } from "effect"
import type { Runtimes } from "../Spillway.ts"

const twoTools: Script = {
  name: "two-tools",
  about: "Two tool calls in one step, and an answer.",
  pace: { deltaSize: 8, intervalMs: 0 },
  steps: [
    {
      beats: [{ type: "text", text: "the first secret answer" }],
      calls: [
        {
          id: "a",
          name: "weigh",
          input: { what: "a secret argument" },
          ends: { status: "completed", result: "a secret result" }
        },
        {
          id: "b",
          name: "measure",
          input: {},
          ends: { status: "error", error: { code: "TooFar", message: "a secret place" } }
        }
      ]
    },
    { beats: [{ type: "text", text: "the second secret answer" }] }
  ]
}

const failing: Script = {
  name: "failing",
  about: "Fails.",
  pace: { deltaSize: 8, intervalMs: 0 },
  steps: [{ beats: [{ type: "fail", error: { code: "Overloaded", message: "a secret reason" } }] }]
}

const asking: Script = {
  name: "asking",
  about: "Asks once.",
  pace: { deltaSize: 8, intervalMs: 0 },
  steps: [
    {
      beats: [{ type: "text", text: "May I?" }],
      calls: [{ id: "a", name: "weigh", input: {}, asks: { kind: "approval", title: "Allow weigh?" } }]
    },
    { beats: [{ type: "text", text: "Done." }] }
  ]
}

type StreamPart =
  Awaited<
    ReturnType<Extract<AiSdkModel, { specificationVersion: "v4" }>["doStream"]>
  >["stream"] extends ReadableStream<infer P>
    ? P
    : never

const usage = {
  inputTokens: { total: 11, noCache: 8, cacheRead: 3, cacheWrite: 0 },
  outputTokens: { total: 5, text: 5, reasoning: 0 }
}

/** Answers of a model, one for each time that it is called. */
const modelOf = (answers: ReadonlyArray<ReadonlyArray<StreamPart>>): AiSdkModel => {
  let calls = 0
  return {
    specificationVersion: "v4",
    provider: "google.generative-ai",
    modelId: "mock-1",
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error("not asked for")),
    doStream: async () => ({ stream: ReadableStream.from(answers[calls++]!) })
  }
}

const said = (id: string, text: string): ReadonlyArray<StreamPart> => [
  { type: "stream-start", warnings: [] },
  { type: "response-metadata", id: `response-${id}` },
  { type: "text-start", id },
  { type: "text-delta", id, delta: text },
  { type: "text-end", id }
]

const called = (toolCallId: string, toolName: string): StreamPart => ({
  type: "tool-call",
  toolCallId,
  toolName,
  input: '{"what":"a secret argument"}'
})

const finished = (unified: "stop" | "tool-calls"): StreamPart => ({
  type: "finish",
  usage,
  finishReason: { unified, raw: unified }
})

const answers = () => [
  [
    ...said("1", "the first secret answer"),
    called("call-a", "weigh"),
    called("call-b", "measure"),
    finished("tool-calls")
  ],
  [...said("2", "the second secret answer"), finished("stop")]
]

const tool = (name: string, result: () => unknown, traceparents: Array<string | undefined>): AnyTool => ({
  name,
  description: "",
  inputSchema: inputSchema(Schema.Struct({ what: Schema.String })),
  execute: async (_input: unknown, { traceparent }) => {
    traceparents.push(traceparent)
    return result()
  }
})

/** Both runtimes, each with two tools; `traceparents` gets what the tools of the ai-sdk runtime are given. */
export const tracedRuntimes = (traceparents: Array<string | undefined>): Runtimes => [
  ScriptedRuntime.make({ scripts: [twoTools, failing, asking] }),
  AiSdkRuntime.make({
    model: () => modelOf(answers()),
    tools: [
      tool("weigh", () => "a secret result", traceparents),
      tool(
        "measure",
        () => {
          throw new Error("a secret place")
        },
        traceparents
      )
    ]
  })
]
