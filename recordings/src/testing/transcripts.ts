/** Small transcripts in the four APIs, written for tests: a folder of them has what real recordings have that is odd. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { gzipSync } from "node:zlib"
import { Effect } from "effect"
import type { ProviderApi } from "../ProviderApi.ts"

export interface Transcript {
  readonly file: string
  readonly api: ProviderApi
  readonly content: string
}

const chunks = (...values: ReadonlyArray<unknown>): string =>
  values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))).join("\n")

const events = (...values: ReadonlyArray<unknown>): string =>
  values.map((value) => `data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`).join("")

const chat = (delta: object, finish: string | null = null, usage?: object) => ({
  id: "c1",
  object: "chat.completion.chunk",
  created: 1,
  model: "m",
  choices: [{ index: 0, delta, finish_reason: finish }],
  ...(usage === undefined ? {} : { usage })
})
const chatCall = (index: number, id: string | undefined, name: string | undefined, args: string) => ({
  tool_calls: [
    { index, ...(id && { id, type: "function" }), function: { ...(name && { name }), arguments: args } }
  ]
})
const chatUsage = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 }

const openaiChat: ReadonlyArray<readonly [string, string]> = [
  [
    "chat-text.sse",
    `: keep-alive\r\n\r\n${events(
      chat({ role: "assistant", content: "Grüße, " }),
      chat({ content: "世界 " }),
      chat({ content: "🌍" }),
      chat({}, "stop", chatUsage),
      "[DONE]"
    ).replaceAll("\n", "\r\n")}`
  ],
  [
    "chat-tools.1.chunks.txt",
    chunks(
      chat(chatCall(0, "call_a", "weather", "")),
      chat(chatCall(0, undefined, undefined, '{"city":')),
      chat(chatCall(0, undefined, undefined, '"Bern"}')),
      chat(chatCall(1, "call_b", "clock", "{}")),
      chat({}, "tool_calls", chatUsage)
    )
  ],
  ["chat-tools.2.chunks.txt", chunks(chat({ content: "Sunny, noon." }), chat({}, "stop"))],
  ["chat-tools.10.chunks.txt", chunks(chat({ content: "Again." }), chat({}, "stop"))],
  [
    "chat-reasoning.chunks.txt",
    chunks(chat({ reasoning_content: "Let me think." }), chat({ content: "Done." }), chat({}, "stop"))
  ],
  [
    "chat-error.sse",
    events(chat({ content: "So far" }), { error: { message: "the engine stopped", code: 500 } })
  ],
  ["chat-cut.sse", events(chat({ content: "This is cut" }), chat({ content: " off" })).slice(0, -9)],
  [
    "chat-malformed.sse",
    events(
      chat({ content: "before " }),
      '{"choices":[{"delta":',
      chat({ content: "after" }),
      chat({}, "stop")
    )
  ],
  ["chat-http429.sse", JSON.stringify({ error: { message: "slow down", code: 429 } }, null, 2)],
  [
    "chat-bad-input.1.chunks.txt",
    chunks(chat(chatCall(0, "x", "weather", '{"city": Bern')), chat({}, "tool_calls"))
  ],
  ["chat-bad-input.2.chunks.txt", chunks(chat({ content: "Sorry." }), chat({}, "stop"))],
  ["chat-empty.sse", ""],
  [
    "chat-long.chunks.txt",
    chunks(
      ...Array.from({ length: 90 }, (_, i) =>
        chat({ content: `${i} 🌍 of ninety,${i % 9 === 8 ? "\n\n" : " "}` })
      ),
      chat({}, "stop", chatUsage)
    )
  ],
  [
    "chat-nameless.chunks.txt",
    chunks(
      chat({ content: "I call " }),
      chat({ content: "it." }),
      chat(chatCall(0, "call_n", undefined, "{}"))
    )
  ],
  [
    "chat-large-input.chunks.txt",
    chunks(
      chat(chatCall(0, "call_l", "write", JSON.stringify({ text: "all of it ".repeat(5_000) }))),
      chat({}, "tool_calls", chatUsage)
    )
  ]
]

const response = (status: string, more: object = {}) => ({
  id: "r1",
  object: "response",
  created_at: 1,
  model: "m",
  status,
  output: [],
  usage: { input_tokens: 9, output_tokens: 4, total_tokens: 13 },
  ...more
})
const item = (type: string, output_index: number, item: object) => ({
  type: `response.output_item.${type}`,
  output_index,
  item
})
const functionCall = (index: number, id: string, name: string, args: string) =>
  [
    item("added", index, { type: "function_call", id: `fc_${id}`, call_id: id, name, arguments: "" }),
    { type: "response.function_call_arguments.delta", item_id: `fc_${id}`, output_index: index, delta: args },
    item("done", index, {
      type: "function_call",
      id: `fc_${id}`,
      call_id: id,
      name,
      arguments: args,
      status: "completed"
    })
  ] as const
const responseText = (text: string) =>
  [
    item("added", 0, { type: "message", id: "msg", role: "assistant", status: "in_progress", content: [] }),
    { type: "response.output_text.delta", item_id: "msg", output_index: 0, content_index: 0, delta: text },
    item("done", 0, { type: "message", id: "msg", role: "assistant", status: "completed", content: [] })
  ] as const
const created = { type: "response.created", response: response("in_progress", { usage: null }) }
const completed = { type: "response.completed", response: response("completed") }

const approvalRequest = item("done", 0, {
  type: "mcp_approval_request",
  id: "mcpr_a",
  server_label: "links",
  name: "shorten",
  arguments: '{"url":"https://example.com/"}'
})

const openaiResponses: ReadonlyArray<readonly [string, string]> = [
  [
    "responses-tools.1.chunks.txt",
    chunks(
      created,
      ...functionCall(0, "call_a", "weather", '{"city":"Bern"}'),
      ...functionCall(1, "call_b", "clock", "{}"),
      completed
    )
  ],
  ["responses-tools.2.chunks.txt", chunks(created, ...responseText("Sunny, noon."), completed)],
  [
    "responses-wrapper.chunks.txt",
    chunks(
      created,
      ...functionCall(
        0,
        "call_p",
        "parallel",
        JSON.stringify({ tool_uses: [{ recipient_name: "functions.weather", parameters: { city: "Bern" } }] })
      ),
      completed
    )
  ],
  ["responses-approval.1.chunks.txt", chunks(created, approvalRequest, completed)],
  ["responses-approval-cut.1.chunks.txt", chunks(created, approvalRequest)],
  ["responses-approval-cut.2.chunks.txt", chunks(created, ...responseText("It went on."), completed)],
  [
    "responses-approval.2.chunks.txt",
    chunks(
      created,
      item("done", 0, {
        type: "mcp_call",
        id: "mcp_a",
        approval_request_id: "mcpr_a",
        server_label: "links",
        name: "shorten",
        arguments: '{"url":"https://example.com/"}',
        output: "https://sh.example/a"
      }),
      ...responseText("Here it is."),
      completed
    )
  ],
  [
    "responses-failed.chunks.txt",
    chunks(
      created,
      ...responseText("Half of"),
      {
        type: "error",
        sequence_number: 9,
        error: { type: "server_error", code: "server_error", message: "broken" }
      },
      {
        type: "response.failed",
        response: response("failed", { error: { code: "server_error", message: "broken" } })
      }
    )
  ]
]

const messageStart = {
  type: "message_start",
  message: {
    id: "m1",
    type: "message",
    role: "assistant",
    model: "m",
    content: [],
    stop_reason: null,
    usage: { input_tokens: 3, output_tokens: 1 }
  }
}
const block = (index: number, content_block: object, ...deltas: ReadonlyArray<object>) => [
  { type: "content_block_start", index, content_block },
  ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
  { type: "content_block_stop", index }
]
const messageEnd = (stop_reason: string) => [
  { type: "message_delta", delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 8 } },
  { type: "message_stop" }
]
const toolUse = (id: string, name: string) => ({ type: "tool_use", id, name, input: {} })
const textDelta = (text: string) => ({ type: "text_delta", text })
const jsonDelta = (partial_json: string) => ({ type: "input_json_delta", partial_json })

const anthropicMessages: ReadonlyArray<readonly [string, string]> = [
  [
    "messages-tools.1.chunks.txt",
    chunks(
      messageStart,
      ...block(0, { type: "thinking", thinking: "" }, { type: "thinking_delta", thinking: "Hm." }),
      ...block(1, { type: "text", text: "" }, textDelta("I look "), textDelta("it up.")),
      ...block(2, toolUse("toolu_a", "weather"), jsonDelta('{"city":'), jsonDelta('"Bern"}')),
      ...block(3, toolUse("toolu_b", "clock"), jsonDelta("")),
      ...messageEnd("tool_use")
    )
  ],
  [
    "messages-tools.2.chunks.txt",
    chunks(
      messageStart,
      ...block(0, { type: "text", text: "" }, textDelta("Sunny.")),
      ...messageEnd("end_turn")
    )
  ],
  [
    "messages-error.chunks.txt",
    chunks(messageStart, ...block(0, { type: "text", text: "" }, textDelta("Half")), {
      type: "error",
      error: { type: "overloaded_error", message: "Overloaded" }
    })
  ],
  [
    "messages-lost-start.chunks.txt",
    chunks(
      messageStart,
      ...block(0, { type: "text", text: "" }, textDelta("First.")).slice(1),
      ...block(1, { type: "text", text: "" }, textDelta(" Second.")),
      ...block(0, { type: "text", text: "" }, textDelta(" Third.")),
      ...messageEnd("end_turn")
    )
  ],
  [
    "messages-cut.chunks.txt",
    chunks(
      messageStart,
      ...block(0, toolUse("toolu_c", "weather"), jsonDelta('{"city":"Be')).slice(0, -1),
      ...messageEnd("max_tokens")
    )
  ]
]

const google = (parts: ReadonlyArray<object>, finishReason?: string) => ({
  candidates: [{ content: { parts, role: "model" }, index: 0, ...(finishReason && { finishReason }) }],
  usageMetadata: { promptTokenCount: 4, candidatesTokenCount: 2, totalTokenCount: 6 }
})
const call = (method: string, response: unknown) => JSON.stringify({ method, response })

const googleGenai: ReadonlyArray<readonly [string, string]> = [
  [
    "agent.run.responses",
    [
      call("generateContentStream", [
        google([{ text: "I see.", thought: true }]),
        google(
          [
            { functionCall: { name: "weather", args: { city: "Bern" } } },
            { functionCall: { name: "clock", args: {} } }
          ],
          "STOP"
        )
      ]),
      call("countTokens", { totalTokens: 3 }),
      call("generateContent", google([{ text: "Sunny." }], "STOP")),
      call("generateContentStream", [google([{ text: "And " }]), google([{ text: "again." }], "STOP")])
    ].join("\r\n")
  ],
  [
    "array.json",
    JSON.stringify([google([{ text: "As an " }]), google([{ text: "array." }], "STOP")], null, 1)
  ],
  ["zipped.sse.gz", events(google([{ text: "Zipped." }], "STOP"))]
]

export const transcripts: ReadonlyArray<Transcript> = (
  [
    ["openai-chat", openaiChat],
    ["openai-responses", openaiResponses],
    ["anthropic-messages", anthropicMessages],
    ["google-genai", googleGenai]
  ] as const
).flatMap(([api, files]) => files.map(([name, content]) => ({ file: `own/${name}`, api, content })))

/** A folder of transcripts with their index; `more` are further lines of the index. It is gone with the scope. */
export const folderOf = (of: ReadonlyArray<Transcript>, more: ReadonlyArray<string> = []) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const folder = await mkdtemp(join(tmpdir(), "recordings-"))
      for (const { file, content } of of) {
        await mkdir(dirname(join(folder, file)), { recursive: true })
        await writeFile(join(folder, file), file.endsWith(".gz") ? gzipSync(content) : content)
      }
      const rows = of.map(({ file, api }) => `${file}\town\t${api}\tnone\tMIT`)
      const index = ["file\tprovider\tapi\tsource\tlicence", ...rows, ...more].join("\r\n")
      await writeFile(join(folder, "index.tsv"), index)
      return folder
    }),
    (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true }))
  )
