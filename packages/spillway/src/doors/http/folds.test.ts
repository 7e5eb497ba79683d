import { describe, expect, it } from "@effect/vitest"
import { EventLog } from "@spillway/orchestration"
import { Effect, Latch, Layer } from "effect"
import { createThread, newThreadId } from "../../testing/commands.ts"
import { request } from "../../testing/httpRequest.ts"
import { layerTestServer } from "../../testing/TestServer.ts"

describe("many who ask for a thread at a version", () => {
  it.live("have it folded two at a time, and all get it", () =>
    Effect.gen(function* () {
      const asking = 10
      const allCame = yield* Latch.make(false)
      let came = 0
      let reading = 0
      let most = 0
      const watched = Layer.effect(
        EventLog,
        Effect.map(EventLog, (log) =>
          EventLog.of({
            ...log,
            head: Effect.tap(log.head, () => {
              came += 1
              return came === asking ? allCame.open : Effect.void
            }),
            readThread: (options) =>
              Effect.gen(function* () {
                reading += 1
                most = Math.max(most, reading)
                yield* allCame.await
                return yield* log.readThread(options)
              }).pipe(Effect.ensuring(Effect.sync(() => (reading -= 1))))
          })
        )
      )
      yield* Effect.gen(function* () {
        const threadId = newThreadId()
        yield* request("/v1/commands", { body: createThread(threadId) })
        // With a tag the server looks first whether the thread has changed.
        const headers = { "if-none-match": '"other"' }
        const ask = request(`/v1/threads/${threadId}/view?atVersion=1`, { headers })
        const answers = yield* Effect.all(
          Array.from({ length: asking }, () => ask),
          { concurrency: "unbounded" }
        )
        for (const { json, status } of answers) {
          expect([status, json.view.version]).toEqual([200, 1])
        }
      }).pipe(Effect.provide(layerTestServer({}, undefined, undefined, watched)))
      expect(most).toBe(2)
    })
  )
})
