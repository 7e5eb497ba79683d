import { assert, describe, it } from "@effect/vitest"
import { recordedCalls } from "./recordedCall.ts"
import type { ProviderApi } from "./ProviderApi.ts"

const read = (file: string, api: ProviderApi, content: string) =>
  recordedCalls(file, api, Buffer.from(content)).map(({ status, contentType, pieces }) => ({
    status,
    contentType,
    pieces: pieces.map((piece) => Buffer.from(piece).toString())
  }))

const stream = (...pieces: ReadonlyArray<string>) => ({
  status: 200,
  contentType: "text/event-stream",
  pieces
})

describe("A recorded file", () => {
  it("of a body is sent byte by byte as it is, an event a piece, whatever its line ends", () => {
    const bodies = [
      "data: 1\n\n: hm\n\ndata: 2",
      "event: a\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n",
      "data: 1\r\rdata: 2\r\r"
    ]
    assert.deepStrictEqual(
      bodies.map((body) => read("a.sse", "openai-chat", body)),
      [
        [stream("data: 1\n\n", ": hm\n\n", "data: 2")],
        [stream("event: a\r\ndata: 1\r\n\r\n", "data: 2\r\n\r\n")],
        [stream("data: 1\r\r", "data: 2\r\r")]
      ]
    )
  })

  it("of chunks becomes data lines, with the event's name where the API uses it", () => {
    const chunks = '{"type":"a","n":1}\r\n\r\n{"n":2}\r\n{"cut'
    assert.deepStrictEqual(read("a.chunks.txt", "anthropic-messages", chunks), [
      stream('event: a\ndata: {"type":"a","n":1}\n\n', 'data: {"n":2}\n\n', 'data: {"cut\n\n')
    ])
    assert.deepStrictEqual(read("a.chunks.txt.gz", "google-genai", chunks), [
      stream('data: {"type":"a","n":1}\n\n', 'data: {"n":2}\n\n', 'data: {"cut\n\n')
    ])
  })

  it("of chat chunks ends with the marker, once", () => {
    const expected = [stream('data: {"n":1}\n\n', "data: [DONE]\n\n")]
    assert.deepStrictEqual(read("a.chunks.txt", "openai-chat", '{"n":1}'), expected)
    assert.deepStrictEqual(read("a.chunks.txt", "openai-chat", '{"n":1}\n[DONE]\n'), expected)
  })

  it("of several model calls gives one answer a call, and none for what no model answers", () => {
    const file = [
      '{"method":"generateContentStream","response":[{"n":1},{"n":2}]}',
      '{"method":"countTokens","response":{"totalTokens":1}}',
      '{"method":"generateContent","response":{"n":3}}',
      '{"response":[{"n":4}]}',
      '{"method":"generateContentStream","resp'
    ].join("\n")
    assert.deepStrictEqual(read("a.responses", "google-genai", file), [
      stream('data: {"n":1}\n\n', 'data: {"n":2}\n\n'),
      stream('data: {"n":3}\n\n'),
      stream('data: {"n":4}\n\n'),
      stream('data: {"method":"generateContentStream","resp\n\n')
    ])
  })

  it("that is one JSON error is answered as such, with the status that it names", () => {
    const status = (error: unknown) => read("a.sse", "google-genai", JSON.stringify(error, null, 2))[0]
    const body = { error: { code: 429, message: "slow down", status: "RESOURCE_EXHAUSTED" } }
    assert.deepStrictEqual(status(body), {
      status: 429,
      contentType: "application/json",
      pieces: [JSON.stringify(body, null, 2)]
    })
    assert.strictEqual(
      status({ type: "error", error: { type: "overloaded_error", message: "busy" } })?.status,
      500
    )
  })

  it("that is an array holds a chunk an element, and one that is empty a body of nothing", () => {
    assert.deepStrictEqual(read("a.json", "google-genai", '[{"n":1}\n,{"n":2}]'), [
      stream('data: {"n":1}\n\n', 'data: {"n":2}\n\n')
    ])
    assert.deepStrictEqual(read("a.sse", "openai-responses", ""), [stream()])
  })
})
