import { describe, expect, it, layer } from "@effect/vitest"
import { emptyThreadView, foldThread, type ThreadId } from "@spillway/contracts"
import { EventLog, ProjectionFailed, ReadModels, Unavailable } from "@spillway/orchestration"
import { Effect, Layer, Logger } from "effect"
import { createThread, newThreadId, startTurn } from "../../testing/commands.ts"
import * as FoldedReadModels from "../../testing/FoldedReadModels.ts"
import { request } from "../../testing/httpRequest.ts"
import { logOf, runningThread } from "../../testing/runningThread.ts"
import { layerTestServer } from "../../testing/TestServer.ts"
import { layerTestSpillway } from "../../testing/TestSpillway.ts"

const send = (body: unknown) => request("/v1/commands", { body })

const viewOf = (threadId: ThreadId, version = Number.MAX_SAFE_INTEGER) =>
  Effect.map(logOf(threadId), (events) => foldThread(emptyThreadView(threadId), events.slice(0, version)))

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
      expect(json.turns.map((turn: { turnId: string }) => turn.turnId)).toEqual(
        starts.map(({ turnId }) => turnId)
      )
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
    })
  )
})

describe("a read that can't be done now", () => {
  const paths = ["/v1/threads", "/v1/threads/t1", "/v1/threads/t1/view", "/v1/threads/t1/turns"]
  const events = ["/v1/threads/t1/events", "/v1/log/events"]

  const unavailable = Effect.fnUntraced(function* (path: string, detail: RegExp) {
    expect(yield* request(path)).toMatchObject({
      status: 503,
      headers: { "content-type": "application/problem+json", "retry-after": "1" },
      json: { code: "unavailable", retryable: true, detail: expect.stringMatching(detail) }
    })
  })

  it.live("because the database is away is 503, and says so", () => {
    const gone = Effect.fail(new Unavailable({ message: "password=secret" }))
    const layerGone = Layer.effect(
      EventLog,
      Effect.map(EventLog, (log) =>
        EventLog.of({ ...log, head: gone, readThread: () => gone, readLog: () => gone })
      )
    )
    return Effect.gen(function* () {
      yield* send({ type: "thread.create", threadId: "t1", commandId: "c1" })
      for (const path of [...paths, ...events]) yield* unavailable(path, /database can't be reached/)
      expect(yield* request("/health/ready")).toMatchObject({
        status: 503,
        headers: { "content-type": "application/json", "retry-after": "1" },
        json: { status: "not-ready", database: "unreachable" }
      })
      expect((yield* request("/health/live")).json).toEqual({ status: "live" })
    }).pipe(Effect.provide(layerTestServer({}, undefined, undefined, layerGone)))
  })

  it.live("because a read model stands still is 503, while events go on", () =>
    Effect.gen(function* () {
      yield* send({ type: "thread.create", threadId: "t1", commandId: "c1" })
      for (const path of paths) yield* unavailable(path, /stands still/)
      for (const path of events) expect((yield* request(path)).status).toBe(200)
    }).pipe(
      Effect.provide(
        layerTestServer(
          {},
          Layer.effect(
            ReadModels,
            Effect.map(ReadModels, (models) => ({
              ...models,
              waitFor: () =>
                Effect.fail(
                  new ProjectionFailed({ projection: "threads", checkpoint: 0, message: "poisoned" })
                )
            }))
          ).pipe(Layer.provide(FoldedReadModels.layer))
        )
      )
    )
  )

  it.live("because of a bug is 500, of which only the log knows more", () => {
    const logged: Array<unknown> = []
    const logger = Logger.make(({ message }) => void logged.push(message))
    return Effect.gen(function* () {
      expect(yield* request("/v1/threads/t1")).toMatchObject({
        status: 500,
        json: { code: "internal", retryable: false, detail: expect.stringMatching(/its log tells why/) }
      })
      expect((yield* request("/v1/threads/t1")).text).not.toMatch(/select secret|\.ts/)
      expect(JSON.stringify(logged)).toContain("A request failed")
    }).pipe(
      Effect.provide(
        layerTestServer(
          {},
          Layer.effect(
            ReadModels,
            Effect.map(ReadModels, (models) => ({
              ...models,
              summaries: () => Effect.die(new Error("select secret from bug"))
            }))
          ).pipe(Layer.provide(FoldedReadModels.layer))
        )
      ),
      Effect.provide(Logger.layer([logger]))
    )
  })
})
