import { describe, expect, it } from "@effect/vitest"
import { EventLog, ProjectionFailed, ReadModels, Unavailable } from "@spillway/orchestration"
import { Effect, Layer, Logger } from "effect"
import * as FoldedReadModels from "../../testing/FoldedReadModels.ts"
import { request } from "../../testing/httpRequest.ts"
import { layerTestServer } from "../../testing/TestServer.ts"

const send = (body: unknown) => request("/v1/commands", { body })

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
        Layer.provideMerge(
          layerTestServer(
            {},
            Layer.effect(
              ReadModels,
              Effect.map(ReadModels, (models) => ({
                ...models,
                summaries: () => Effect.die(new Error("select secret from bug"))
              }))
            ).pipe(Layer.provide(FoldedReadModels.layer))
          ),
          Logger.layer([logger])
        )
      )
    )
  })
})
