import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { readRecordingIndex } from "./RecordingIndex.ts"
import { folderOf } from "./testing/transcripts.ts"
import type { Transcript } from "./testing/transcripts.ts"

const plain = (file: string): Transcript => ({
  file,
  api: "openai-chat",
  content: `data: {"is":"${file}"}\n\n`
})

const row = (file: string, api: string) => `${file}\tsomebody\t${api}`

describe("The index of a folder of recordings", () => {
  it.effect("orders the files of a conversation by number, past 9 and over gaps", () =>
    Effect.gen(function* () {
      const files = ["a/x.10.sse", "a/x.2.sse", "a/x.1.sse", "a/x.sse", "a/x.1.chunks.txt"].map(plain)
      const { conversations, files: rows, skipped } = yield* readRecordingIndex(yield* folderOf(files))
      assert.deepStrictEqual(
        conversations.map(({ id, calls }) => [id, calls.map(({ file }) => file)]),
        [
          ["openai-chat:a/x.*.sse", ["a/x.1.sse", "a/x.2.sse", "a/x.10.sse"]],
          ["openai-chat:a/x.sse", ["a/x.sse"]],
          ["openai-chat:a/x.*.chunks.txt", ["a/x.1.chunks.txt"]]
        ]
      )
      assert.strictEqual(rows, 5)
      assert.deepStrictEqual(skipped, [])
    })
  )

  it.effect("keeps strange names and unknown providers, and leaves other APIs alone", () =>
    Effect.gen(function* () {
      const files = ["weird [x] (y).ünï.sse", "no-ending", "v1.5.sse", ".hidden.sse"].map(plain)
      const others = [row("b.sse", "bedrock-converse"), row("c.sse", "cohere-v2"), "alone", ""]
      const index = yield* readRecordingIndex(yield* folderOf(files, others))
      assert.strictEqual(index.conversations.length, 4)
      assert.strictEqual(index.files, 4)
    })
  )

  it.effect("explains each row that cannot be played", () =>
    Effect.gen(function* () {
      const folder = yield* folderOf(
        [plain("a.1.sse"), plain("a.3.sse"), { file: "none.responses", api: "google-genai", content: "\n" }],
        [
          row("a.2.sse", "openai-chat"),
          row("a.1.sse", "openai-chat"),
          row("../outside.sse", "openai-chat"),
          row("broken.sse.gz", "openai-chat"),
          row(".", "openai-chat")
        ]
      )
      yield* Effect.promise(() =>
        writeFile(join(folder, "broken.sse.gz"), gzipSync("data: 1\n\n").subarray(0, 15))
      )
      const { conversations, files, skipped } = yield* readRecordingIndex(folder)
      assert.deepStrictEqual(
        conversations.map(({ calls }) => calls.map(({ file }) => file)),
        [["a.1.sse", "a.3.sse"]]
      )
      assert.strictEqual(files, 8)
      assert.deepStrictEqual(
        new Map(skipped.map(({ file, reason }) => [file, reason])),
        new Map([
          ["a.1.sse", "The index names this recording twice."],
          ["a.2.sse", "The index names a file that is not there or cannot be read."],
          ["none.responses", "No model call is recorded in this file."],
          ["../outside.sse", "The index names a file outside of its folder."],
          ["broken.sse.gz", "The file is gzipped, and damaged."],
          [".", "The index names a file that is not there or cannot be read."]
        ])
      )
    })
  )

  it.effect("finds a file that is gzipped where its name says it is not, and the other way round", () =>
    Effect.gen(function* () {
      const folder = yield* folderOf([plain("now-zipped.sse.gz"), plain("now-plain.sse")])
      const index = [
        "file\tprovider\tapi",
        row("now-zipped.sse", "openai-chat"),
        row("now-plain.sse.gz", "openai-chat")
      ]
      yield* Effect.promise(() => writeFile(join(folder, "index.tsv"), index.join("\n")))
      const { conversations, skipped } = yield* readRecordingIndex(folder)
      assert.deepStrictEqual(skipped, [])
      assert.deepStrictEqual(
        conversations.map(({ calls }) => Buffer.concat(calls[0]?.pieces ?? []).toString()),
        [plain("now-zipped.sse.gz").content, plain("now-plain.sse").content]
      )
    })
  )

  it.effect("takes its columns by name, or in the usual order where nothing names them", () =>
    Effect.gen(function* () {
      const folder = yield* folderOf([plain("a.sse")])
      const bodies = ["api\tnotes\tfile\nopenai-chat\t\ta.sse", "\uFEFFa.sse\tsomebody\tOpenAI-Chat\r\n"]
      for (const body of bodies) {
        yield* Effect.promise(() => writeFile(join(folder, "index.tsv"), body))
        const { conversations } = yield* readRecordingIndex(folder)
        assert.deepStrictEqual(
          conversations.map(({ id }) => id),
          ["openai-chat:a.sse"]
        )
      }
    })
  )

  it.effect("says what is missing where there is no index", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(readRecordingIndex("/nowhere/at/all"))
      assert.strictEqual(error._tag, "RecordingIndexUnreadable")
      assert.match(error.message, /no readable index\.tsv in \/nowhere\/at\/all/)
    })
  )
})
