import { expect, layer } from "@effect/vitest"
import type { ThreadId } from "@spillway/contracts"
import { Effect } from "effect"
import { createThread, newThreadId, startTurn } from "../../testing/commands.ts"
import { request } from "../../testing/httpRequest.ts"
import { isTurnEnd, subscribeTo } from "../../testing/runningThread.ts"
import { connectHere } from "../../testing/TestServer.ts"
import { layerTestSpillway } from "../../testing/TestSpillway.ts"

const send = (body: unknown) => request("/v1/commands", { body })

layer(layerTestSpillway, { excludeTestServices: true })(
  "a read after a receipt, on a real database",
  (it) => {
    it.effect("sees what the command did, each time", () =>
      Effect.gen(function* () {
        for (let i = 0; i < 40; i++) {
          const threadId = newThreadId()
          const { json } = yield* send({ ...createThread(threadId), title: `thread ${i}` })
          const get = yield* request(`/v1/threads/${threadId}`)
          expect(get.json).toMatchObject({ threadId, version: json.version, title: `thread ${i}` })
          const renamed = yield* send({
            type: "thread.update",
            commandId: `rename-${threadId}`,
            threadId,
            title: `renamed ${i}`
          })
          const [view, list] = yield* Effect.all(
            [request(`/v1/threads/${threadId}/view`), request("/v1/threads?limit=1")],
            { concurrency: 2 }
          )
          expect(view.json.view).toMatchObject({ version: renamed.json.version, title: `renamed ${i}` })
          expect(list.json.threads).toMatchObject([{ threadId, title: `renamed ${i}` }])
        }
      })
    )

    it.effect("lists what is asked for: archived or not, idle, working or waiting", () =>
      Effect.gen(function* () {
        const [idle, archived, waiting] = [newThreadId(), newThreadId(), newThreadId()]
        for (const threadId of [idle, archived, waiting]) yield* send(createThread(threadId))
        yield* send({ type: "thread.archive", threadId: archived, commandId: `archive-${archived}` })
        const client = yield* connectHere()
        yield* subscribeTo(client, waiting, { afterVersion: 0 })
        yield* send(startTurn(waiting, { choice: { runtime: "scripted", options: { script: "approval" } } }))
        yield* client.until(
          (frame) =>
            frame.type === "events" && frame.events.some(({ type }) => type === "thread.request-opened")
        )
        const listed = (query: string) =>
          Effect.map(request(`/v1/threads?limit=200${query}`), ({ json }) =>
            json.threads
              .map(({ threadId }: { threadId: string }) => threadId)
              .filter((threadId: string) => [idle, archived, waiting].includes(threadId as ThreadId))
          )
        expect(yield* listed("")).toEqual([waiting, archived, idle])
        expect(yield* listed("&archived=true")).toEqual([archived])
        expect(yield* listed("&archived=false")).toEqual([waiting, idle])
        expect(yield* listed("&activity=waiting")).toEqual([waiting])
        expect(yield* listed("&activity=working")).toEqual([])
        expect(yield* listed("&activity=idle&archived=false")).toEqual([idle])
      })
    )

    it.effect("V6 finds a message by its text once it is closed, and every hit once, by pages", () =>
      Effect.gen(function* () {
        const threadId = newThreadId()
        yield* send({ ...createThread(threadId), title: "About pelicans" })
        const client = yield* connectHere()
        yield* subscribeTo(client, threadId, { afterVersion: 0 })
        const asked = Array.from({ length: 5 }, (_, i) =>
          startTurn(threadId, { text: `pelican number ${i}` })
        )
        for (const start of asked) {
          yield* send(start)
          yield* client.until(isTurnEnd)
        }
        const hits: Array<{ type: string; messageId?: string; snippet: { text: string } }> = []
        let next: string | null = null
        do {
          const cursor: string = next === null ? "" : `&before=${next}`
          const { json, status } = yield* request(
            `/v1/search?q=pelican&threadId=${threadId}&limit=2${cursor}`
          )
          expect(status).toBe(200)
          expect(json.hits.length).toBeLessThanOrEqual(2)
          hits.push(...json.hits)
          next = json.next
        } while (next !== null)
        const messages = hits.filter(({ type }) => type === "message")
        expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(messages.length)
        const sent = new Set(asked.map(({ messageId }) => messageId as string))
        expect(messages.filter(({ messageId }) => sent.has(messageId!))).toHaveLength(5)
        const found = (yield* request(`/v1/search?q=${encodeURIComponent('"number 3"')}`)).json.hits
        const hit = found.find(({ role }: { role: string }) => role === "user")
        expect(hit).toMatchObject({
          type: "message",
          threadId,
          messageId: asked[3]!.messageId,
          title: "About pelicans"
        })
        expect(hit.snippet.text.slice(hit.snippet.marks[0].from, hit.snippet.marks[0].to)).toMatch(/number/)
        expect((yield* request("/v1/search?q=pelicans")).json.hits).toMatchObject([
          { type: "title", threadId }
        ])
        expect((yield* request("/v1/search?q=%00%22-")).json).toEqual({ hits: [], next: null })
        const placed = (place: unknown) => Buffer.from(JSON.stringify(place)).toString("base64url")
        for (const path of [
          `/v1/search?q=pelican&before=${placed({ at: "\0", threadId, messageId: null })}`,
          `/v1/threads?before=${placed({ updatedAt: "\0", threadId })}`,
          `/v1/threads?before=${placed({ updatedAt: "2026", threadId: "\0" })}`
        ]) {
          expect(yield* request(path)).toMatchObject({
            status: 400,
            json: { detail: "`before` must be the `next` of an answer." }
          })
        }
        expect(yield* request("/v1/search")).toMatchObject({
          status: 400,
          json: { detail: "`q` is missing." }
        })
      })
    )

    it.effect("lists every thread once, by pages, the last updated first", () =>
      Effect.gen(function* () {
        const created: Array<ThreadId> = []
        for (let i = 0; i < 7; i++) {
          const threadId = newThreadId()
          yield* send(createThread(threadId))
          created.unshift(threadId)
        }
        const seen: Array<ThreadId> = []
        let next: string | null = null
        do {
          const cursor: string = next === null ? "" : `&before=${next}`
          const { json } = yield* request(`/v1/threads?limit=3${cursor}`)
          expect(json.threads.length).toBeLessThanOrEqual(3)
          seen.push(...json.threads.map((thread: { threadId: ThreadId }) => thread.threadId))
          next = json.next
        } while (next !== null)
        expect(new Set(seen).size).toBe(seen.length)
        expect(seen.slice(0, 7)).toEqual(created)
      })
    )
  }
)
