import { assert, describe, it, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { readdir, readFile } from "node:fs/promises"
import { oracleObservations } from "./oracleObservations.ts"
import type { ObservedConversation } from "./ObservedConversation.ts"
import { readRecordingIndex } from "./RecordingIndex.ts"
import { folderOf, transcripts } from "./testing/transcripts.ts"

class Seen extends Context.Service<Seen, ReadonlyMap<string, ObservedConversation>>()("Seen") {
  static readonly layer = Layer.effect(Seen, Effect.flatMap(folderOf(transcripts), oracleObservations))
}

const turnsOf = Effect.fnUntraced(function* (id: string) {
  const seen = yield* Seen
  const conversation = seen.get(id)
  if (conversation === undefined) return assert.fail(`${id} is not among ${[...seen.keys()].join(", ")}`)
  return conversation.turns
})

const outline = (turns: ObservedConversation["turns"]) =>
  turns.map(({ failed, steps }) => ({ failed, texts: steps.map(({ text }) => text) }))

const bothTools = [
  { name: "weather", input: { city: "Bern" }, completed: true },
  { name: "clock", input: {}, completed: true }
]

layer(Seen.layer)("The oracle", (it) => {
  it.effect("reads text, usage and finish reason of a chat stream with CRLF and comments", () =>
    Effect.gen(function* () {
      const [turn] = yield* turnsOf("openai-chat:own/chat-text.sse")
      assert.deepStrictEqual(turn, {
        failed: false,
        steps: [
          {
            text: "Grüße, 世界 🌍",
            reasoning: "",
            toolCalls: [],
            usage: {
              inputTokens: 7,
              outputTokens: 5,
              totalTokens: 12,
              reasoningTokens: 0,
              cachedInputTokens: 0
            },
            finishReason: "stop"
          }
        ]
      })
    })
  )

  it.effect(
    "goes on to the next file after parallel tool calls, and starts a turn where none were asked for",
    () =>
      Effect.gen(function* () {
        const turns = yield* turnsOf("openai-chat:own/chat-tools.*.chunks.txt")
        assert.deepStrictEqual(outline(turns), [
          { failed: false, texts: ["", "Sunny, noon."] },
          { failed: false, texts: ["Again."] }
        ])
        assert.deepStrictEqual(turns[0]?.steps[0]?.toolCalls, bothTools)
        assert.strictEqual(turns[0]?.steps[0]?.finishReason, "tool-calls")
      })
  )

  it.effect("sees parallel tool calls in each of the other three APIs", () =>
    Effect.gen(function* () {
      for (const id of [
        "openai-responses:own/responses-tools.*.chunks.txt",
        "anthropic-messages:own/messages-tools.*.chunks.txt",
        "google-genai:own/agent.run.responses"
      ]) {
        const [turn] = yield* turnsOf(id)
        assert.deepStrictEqual(turn?.steps[0]?.toolCalls, bothTools, id)
        assert.strictEqual(turn?.steps.length, 2, id)
        assert.match(turn?.steps[1]?.text ?? "", /^Sunny/)
      }
    })
  )

  it.effect("keeps reasoning apart from text", () =>
    Effect.gen(function* () {
      const [chat] = yield* turnsOf("openai-chat:own/chat-reasoning.chunks.txt")
      const [messages] = yield* turnsOf("anthropic-messages:own/messages-tools.*.chunks.txt")
      const [google] = yield* turnsOf("google-genai:own/agent.run.responses")
      const seen = [chat, messages, google].map((turn) => [turn?.steps[0]?.reasoning, turn?.steps[0]?.text])
      assert.deepStrictEqual(seen, [
        ["Let me think.", "Done."],
        ["Hm.", "I look it up."],
        ["I see.", ""]
      ])
    })
  )

  it.effect("fails a turn with the text so far on an error in the stream, in each API that has one", () =>
    Effect.gen(function* () {
      const seen = [
        yield* turnsOf("openai-chat:own/chat-error.sse"),
        yield* turnsOf("openai-responses:own/responses-failed.chunks.txt"),
        yield* turnsOf("anthropic-messages:own/messages-error.chunks.txt")
      ]
      assert.deepStrictEqual(seen.map(outline), [
        [{ failed: true, texts: ["So far"] }],
        [{ failed: true, texts: ["Half of"] }],
        [{ failed: true, texts: ["Half"] }]
      ])
    })
  )

  it.effect("fails a turn whose stream ends without a finish reason, and one whose stream is empty", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(outline(yield* turnsOf("openai-chat:own/chat-cut.sse")), [
        { failed: true, texts: ["This is cut"] }
      ])
      assert.deepStrictEqual(outline(yield* turnsOf("openai-chat:own/chat-empty.sse")), [
        { failed: true, texts: [""] }
      ])
    })
  )

  it.effect("keeps the text on both sides of malformed JSON, and fails the turn", () =>
    Effect.gen(function* () {
      const turns = yield* turnsOf("openai-chat:own/chat-malformed.sse")
      assert.deepStrictEqual(outline(turns), [{ failed: true, texts: ["before after"] }])
    })
  )

  it.effect("has one empty step for a model call that was answered with an HTTP error", () =>
    Effect.gen(function* () {
      const turns = yield* turnsOf("openai-chat:own/chat-http429.sse")
      assert.deepStrictEqual(turns, [{ failed: true, steps: [{ text: "", reasoning: "", toolCalls: [] }] }])
    })
  )

  it.effect("reports a tool call whose arguments are no JSON as it came, and goes on", () =>
    Effect.gen(function* () {
      const turns = yield* turnsOf("openai-chat:own/chat-bad-input.*.chunks.txt")
      assert.deepStrictEqual(outline(turns), [{ failed: false, texts: ["", "Sorry."] }])
      assert.deepStrictEqual(turns[0]?.steps[0]?.toolCalls, [
        { name: "weather", input: '{"city": Bern', completed: false }
      ])
    })
  )

  it.effect("reports no tool call where the answer ends within its arguments", () =>
    Effect.gen(function* () {
      const [turn] = yield* turnsOf("anthropic-messages:own/messages-cut.chunks.txt")
      assert.deepStrictEqual(turn?.steps[0]?.toolCalls, [])
      assert.strictEqual(turn?.steps[0]?.finishReason, "length")
    })
  )

  it.effect("sees the calls within OpenAI's parallel wrapper", () =>
    Effect.gen(function* () {
      const [turn] = yield* turnsOf("openai-responses:own/responses-wrapper.chunks.txt")
      assert.deepStrictEqual(turn?.steps[0]?.toolCalls, bothTools.slice(0, 1))
    })
  )

  it.effect("reads several model calls of one file, arrays of chunks, and gzipped files", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(outline(yield* turnsOf("google-genai:own/agent.run.responses")), [
        { failed: false, texts: ["", "Sunny."] },
        { failed: false, texts: ["And again."] }
      ])
      assert.deepStrictEqual(outline(yield* turnsOf("google-genai:own/array.json")), [
        { failed: false, texts: ["As an array."] }
      ])
      assert.deepStrictEqual(outline(yield* turnsOf("google-genai:own/zipped.sse")), [
        { failed: false, texts: ["Zipped."] }
      ])
    })
  )

  it.effect("finds the same conversations as the player, though they share no code", () =>
    Effect.gen(function* () {
      const index = yield* readRecordingIndex(yield* folderOf(transcripts))
      const ids = index.conversations.map(({ id }) => id)
      assert.deepStrictEqual([...(yield* Seen).keys()].toSorted(), ids.toSorted())
    })
  )
})

describe("The oracle's sources", () => {
  it("import nothing but Node, the AI SDK and each other", async () => {
    const folder = new URL("./oracle/", import.meta.url)
    const sources = await Promise.all(
      (await readdir(folder)).map((name) => readFile(new URL(name, folder), "utf8"))
    )
    const imports = sources.flatMap((source) =>
      [...source.matchAll(/(?:from|import)\s*\(?\s*["']([^"']+)["']/g)].map((match) => match[1] ?? "")
    )
    assert.isAbove(imports.length, 5)
    assert.deepStrictEqual(
      imports.filter((name) => !/^(node:|ai$|@ai-sdk\/|\.\/[^/]+\.ts$)/.test(name)),
      []
    )
  })
})
