import { describe, expect, it } from "@effect/vitest"
import { EventLog } from "@spillway/orchestration"
import { Effect, Layer } from "effect"
import { createThread, newThreadId } from "../../testing/commands.ts"
import { request } from "../../testing/httpRequest.ts"
import { openStream } from "../../testing/TestEventStream.ts"
import { connectHere, layerTestServer } from "../../testing/TestServer.ts"

/** The first events of threads are missing. */
const holed = (read: () => void) =>
  Layer.effect(
    EventLog,
    Effect.map(EventLog, (log) =>
      EventLog.of({
        ...log,
        readThread: (options) => {
          read()
          return Effect.map(log.readThread(options), (events) =>
            events.map((event) => ({ ...event, version: event.version + 1 }))
          )
        }
      })
    )
  )

describe("a log that can't be read", () => {
  it.live("is read once, and who follows it is told or cut off", () => {
    let reads = 0
    return Effect.gen(function* () {
      const body = createThread(newThreadId())
      const { threadId } = body
      yield* request("/v1/commands", { body })
      const client = yield* connectHere()
      yield* client.send({
        type: "subscribe",
        id: "s",
        subscription: { to: "thread", threadId, from: { afterVersion: 0 } }
      })
      expect(yield* client.expect("error")).toMatchObject({ code: "internal", id: "s", retryable: false })
      expect(reads).toBe(1)
      // Its name is free again.
      yield* client.send({ type: "unsubscribe", id: "s" })
      expect(yield* client.expect("error")).toMatchObject({ code: "subscription-unknown" })
      const stream = yield* openStream(`/v1/threads/${threadId}/events`)
      expect(yield* stream.rest).toEqual([])
      expect(reads).toBe(2)
    }).pipe(
      Effect.scoped,
      Effect.provide(
        layerTestServer(
          {},
          undefined,
          undefined,
          holed(() => (reads += 1))
        )
      )
    )
  })
})
