import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { ProviderApi } from "./ProviderApi.ts"
import { recordedCalls } from "./recordedCall.ts"
import type { Conversation } from "./RecordingIndex.ts"
import { ReplayServer } from "./ReplayServer.ts"

const paths: Record<ProviderApi, string> = {
  "openai-chat": "/chat/completions",
  "openai-responses": "/responses",
  "anthropic-messages": "/messages",
  "google-genai": "/models/recorded:streamGenerateContent?alt=sse"
}

const conversation = (api: ProviderApi, ...bodies: ReadonlyArray<string>): Conversation => ({
  id: `${api}:x`,
  api,
  calls: bodies.flatMap((body, i) => recordedCalls(`x.${i}.sse`, api, Buffer.from(body)))
})

const ask = (url: string, method = "POST") =>
  Effect.promise(async () => {
    const response = await fetch(url, { method, ...(method === "POST" && { body: "{}" }) })
    const pieces: Array<string> = []
    if (response.body !== null) {
      for await (const piece of response.body) pieces.push(Buffer.from(piece).toString("latin1"))
    }
    const body = Buffer.from(pieces.join(""), "latin1").toString()
    return { status: response.status, type: response.headers.get("content-type"), pieces, body }
  })

const first = `data: {"text":"世界"}\r\n\r\n`.repeat(30)

describe("The replay server", () => {
  it.live("answers consecutive model calls with consecutive recordings, under each API's path", () =>
    Effect.gen(function* () {
      const server = yield* ReplayServer
      for (const [api, path] of Object.entries(paths) as Array<[ProviderApi, string]>) {
        const replay = yield* server.play(conversation(api, first, "data: 2\n\n"), { _tag: "events" })
        const answers = [yield* ask(replay.baseUrl + path), yield* ask(replay.baseUrl + path)]
        assert.deepStrictEqual(
          answers.map(({ status, type, body }) => [status, type, body]),
          [
            [200, "text/event-stream", first],
            [200, "text/event-stream", "data: 2\n\n"]
          ]
        )
        assert.deepStrictEqual([replay.served, replay.past, replay.misdirected], [2, 0, 0])
      }
    }).pipe(Effect.provide(ReplayServer.layer))
  )

  it.live("writes an event a piece, or the same bytes cut anywhere", () =>
    Effect.gen(function* () {
      const server = yield* ReplayServer
      const asked = Effect.fnUntraced(function* (cuts: Parameters<typeof server.play>[1]) {
        const replay = yield* server.play(conversation("openai-chat", first), cuts)
        return yield* ask(replay.baseUrl + paths["openai-chat"])
      })
      const natural = yield* asked({ _tag: "events" })
      const anywhere = yield* asked({ _tag: "anywhere", seed: "2" })
      assert.deepStrictEqual([natural.body, anywhere.body], [first, first])
      assert.isTrue(natural.pieces.every((piece) => piece.endsWith("\r\n\r\n")))
      assert.isTrue(anywhere.pieces.some((piece) => !piece.endsWith("\r\n\r\n")))
    }).pipe(Effect.provide(ReplayServer.layer))
  )

  it.live("serves a recorded error with its status", () =>
    Effect.gen(function* () {
      const server = yield* ReplayServer
      const body = JSON.stringify({ error: { code: 503, message: "later" } })
      const replay = yield* server.play(conversation("google-genai", body), { _tag: "events" })
      const answer = yield* ask(replay.baseUrl + paths["google-genai"])
      assert.deepStrictEqual([answer.status, answer.type, answer.body], [503, "application/json", body])
    }).pipe(Effect.provide(ReplayServer.layer))
  )

  it.live("keeps conversations apart while they are played at once", () =>
    Effect.gen(function* () {
      const server = yield* ReplayServer
      const replays = yield* Effect.forEach(["a", "b", "c"], (name) =>
        server.play(conversation("openai-chat", `data: ${name}1\n\n`, `data: ${name}2\n\n`), {
          _tag: "anywhere",
          seed: "1"
        })
      )
      const bodies = yield* Effect.forEach(
        replays,
        ({ baseUrl }) =>
          Effect.gen(function* () {
            const url = baseUrl + paths["openai-chat"]
            return [(yield* ask(url)).body, (yield* ask(url)).body]
          }),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(
        bodies,
        ["a", "b", "c"].map((name) => [`data: ${name}1\n\n`, `data: ${name}2\n\n`])
      )
    }).pipe(Effect.provide(ReplayServer.layer))
  )

  it.live("counts a call past the last recording, and requests that are no model call", () =>
    Effect.gen(function* () {
      const server = yield* ReplayServer
      const replay = yield* server.play(conversation("openai-chat", "data: 1\n\n"), { _tag: "events" })
      const url = replay.baseUrl + paths["openai-chat"]
      yield* ask(url)
      const refused = [
        yield* ask(url),
        yield* ask(replay.baseUrl + paths["anthropic-messages"]),
        yield* ask(url, "GET"),
        yield* ask(replay.baseUrl.replace(/\/\d+\/v1$/, "/999/v1/chat/completions"))
      ]
      assert.deepStrictEqual(
        refused.map(({ status }) => status),
        [410, 404, 404, 404]
      )
      assert.deepStrictEqual([replay.served, replay.past, replay.misdirected], [1, 1, 2])
    }).pipe(Effect.provide(ReplayServer.layer))
  )

  it.live("lives on when a reader goes away in the middle", () =>
    Effect.gen(function* () {
      const server = yield* ReplayServer
      const long = `data: ${"x".repeat(10_000)}\n\n`.repeat(400)
      const replay = yield* server.play(conversation("openai-chat", long, "data: 2\n\n"), { _tag: "events" })
      const url = replay.baseUrl + paths["openai-chat"]
      yield* Effect.promise(async () => {
        const response = await fetch(url, { method: "POST", body: "{}" })
        await response.body?.cancel()
      })
      assert.strictEqual((yield* ask(url)).body, "data: 2\n\n")
      assert.strictEqual(replay.served, 2)
    }).pipe(Effect.provide(ReplayServer.layer))
  )
})
