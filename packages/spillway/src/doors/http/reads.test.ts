import { expect, layer } from "@effect/vitest"
import { emptyThreadView, foldThread, type ThreadId } from "@spillway/contracts"
import { Effect } from "effect"
import { createThread, newThreadId, startTurn } from "../../testing/commands.ts"
import { request } from "../../testing/httpRequest.ts"
import { logOf, runningThread } from "../../testing/runningThread.ts"
import { layerTestServer } from "../../testing/TestServer.ts"

const send = (body: unknown) => request("/v1/commands", { body })

const viewOf = (threadId: ThreadId, version = Number.MAX_SAFE_INTEGER) =>
  Effect.map(logOf(threadId), (events) => foldThread(emptyThreadView(threadId), events.slice(0, version)))

layer(layerTestServer(), { excludeTestServices: true })("a thread", (it) => {
  it.effect("is shown as its events tell it, now and at any version", () =>
    Effect.gen(function* () {
      const { append, threadId } = yield* runningThread
      yield* append("Hello")
      const last = (yield* logOf(threadId)).length
      const { json } = yield* request(`/v1/threads/${threadId}/view`)
      expect(json).toEqual({ view: yield* viewOf(threadId), before: null })
      for (let version = 1; version <= last; version++) {
        const at = yield* request(`/v1/threads/${threadId}/view?atVersion=${version}`)
        expect(at.json).toEqual({ view: yield* viewOf(threadId, version), before: null })
      }
    })
  )

  it.effect("may have any id that is allowed", () =>
    Effect.gen(function* () {
      for (const threadId of ["a/b", "a?b", "a#b", "a%2Fb", "a;b", "a:b@c&d=e+f", "..a", "!\"$'()*,[]{}~"]) {
        const path = `/v1/threads/${encodeURIComponent(threadId)}`
        expect((yield* send({ type: "thread.create", threadId, commandId: `c-${threadId}` })).status).toBe(
          200
        )
        for (const of of ["", "/view", "/turns", "/events"])
          expect((yield* request(path + of)).status).toBe(200)
        expect((yield* request(path)).json.threadId).toBe(threadId)
      }
    })
  )

  it.effect("that was deleted is still told of, and its events can be read", () =>
    Effect.gen(function* () {
      const threadId = newThreadId()
      yield* send(createThread(threadId))
      yield* send({ type: "thread.delete", threadId, commandId: `delete-${threadId}` })
      expect((yield* request(`/v1/threads/${threadId}`)).json).toMatchObject({
        status: "deleted",
        version: 2
      })
      expect((yield* request(`/v1/threads/${threadId}/events`)).json.events).toHaveLength(2)
    })
  )

  it.effect("has turns by pages, each once, the last ones first", () =>
    Effect.gen(function* () {
      const threadId = newThreadId()
      yield* send(createThread(threadId))
      const starts = Array.from({ length: 5 }, () => startTurn(threadId))
      for (const start of starts) yield* send(start)
      const { json } = yield* request(`/v1/threads/${threadId}/turns`)
      expect(json.next).toBeNull()
      expect(json.turns).toEqual((yield* viewOf(threadId)).turns)
      const ids = starts.map(({ turnId }) => turnId)
      const idsOf = (turns: ReadonlyArray<{ turnId: string }>) => turns.map(({ turnId }) => turnId)
      expect(idsOf(json.turns)).toEqual(ids)
      const last = (yield* request(`/v1/threads/${threadId}/turns?limit=2`)).json
      expect([idsOf(last.turns), last.next]).toEqual([ids.slice(3), ids[3]])
      const older = (yield* request(`/v1/threads/${threadId}/turns?limit=3&before=${last.next}`)).json
      expect([idsOf(older.turns), older.next]).toEqual([ids.slice(0, 3), null])
    })
  )

  it.effect("has messages by pages, each once, as its view holds them", () =>
    Effect.gen(function* () {
      const { append, runtime, threadId } = yield* runningThread
      yield* append("Hello")
      yield* runtime.end()
      for (let i = 0; i < 3; i++) yield* send(startTurn(threadId))
      const shown = (yield* viewOf(threadId)).turns.flatMap((turn) => turn.messages)
      expect((yield* request(`/v1/threads/${threadId}/messages`)).json).toEqual({
        messages: shown,
        next: null
      })
      const seen: Array<unknown> = []
      let next: string | null = null
      do {
        const before: string = next === null ? "" : `&before=${encodeURIComponent(next)}`
        const { json } = yield* request(`/v1/threads/${threadId}/messages?limit=2${before}`)
        seen.unshift(...json.messages)
        next = json.next
      } while (next !== null)
      expect(seen).toEqual(shown)
      const unknown = yield* request("/v1/threads/nobody/messages")
      expect(unknown).toMatchObject({ status: 404, json: { code: "thread-not-found" } })
    })
  )
})

layer(layerTestServer(), { excludeTestServices: true })("who has the state of a thread already", (it) => {
  it.effect("is told so without a body, until the thread changes", () =>
    Effect.gen(function* () {
      const { append, threadId } = yield* runningThread
      for (const path of [`/v1/threads/${threadId}`, `/v1/threads/${threadId}/view`]) {
        const first = yield* request(path)
        const { etag } = first.headers
        expect(first.headers["cache-control"]).toBe("private, no-cache")
        const ask = (tag: string) => request(path, { headers: { "if-none-match": tag } })
        for (const tag of [etag!, `"other", ${etag}`, etag!.replace("W/", ""), "*"]) {
          const again = yield* ask(tag)
          expect({ status: again.status, text: again.text }).toEqual({ status: 304, text: "" })
          expect(again.headers["etag"]).toBe(etag)
        }
        expect((yield* ask('"other"')).status).toBe(200)
        yield* append("more")
        const changed = yield* ask(etag!)
        expect(changed.status).toBe(200)
        expect(changed.headers["etag"]).not.toBe(etag)
      }
    })
  )

  it.effect("by version has it for ever", () =>
    Effect.gen(function* () {
      const { append, threadId } = yield* runningThread
      const path = `/v1/threads/${threadId}/view?atVersion=3`
      const { etag } = (yield* request(path)).headers
      yield* append("more")
      expect((yield* request(path, { headers: { "if-none-match": etag! } })).status).toBe(304)
      const later = path.replace("=3", "=300")
      for (const headers of [{}, { "if-none-match": "*" }]) {
        expect(yield* request(later, { headers })).toMatchObject({
          status: 409,
          json: { code: "cursor-invalid" }
        })
      }
    })
  )
})
