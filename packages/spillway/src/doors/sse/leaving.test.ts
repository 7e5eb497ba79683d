import { describe, expect, it } from "@effect/vitest"
import { EventLog, Publisher } from "@spillway/orchestration"
import { LiveLane } from "@spillway/runtime-ingestion"
import { Effect, Fiber, Layer } from "effect"
import * as fc from "fast-check"
import { request } from "node:http"
import { round } from "../../testing/heldBytes.ts"
import { runningThread } from "../../testing/runningThread.ts"
import { openStream } from "../../testing/TestEventStream.ts"
import { layerTestServer } from "../../testing/TestServer.ts"
import { Doors } from "../Doors.ts"
import { ThreadHub } from "../following/ThreadHub.ts"
import { Listener } from "../Listener.ts"

/** When a client leaves: after so many rounds of the event loop, or bytes. */
const departure = fc.oneof(
  fc.record({ after: fc.constant("rounds" as const), count: fc.nat(12) }),
  fc.record({ after: fc.constant("bytes" as const), count: fc.nat(4_000) })
)
const visit = fc.record({
  path: fc.constantFrom("thread", "live", "log", "tail", "absent", "ahead"),
  method: fc.constantFrom("GET", "GET", "GET", "HEAD"),
  reads: fc.boolean(),
  departure
})
type Visit = typeof visit extends fc.Arbitrary<infer A> ? A : never

/** Comes, and leaves without a word. */
const pay = (address: string, threadId: string, { departure, method, path, reads }: Visit) =>
  Effect.callback<void>((resume) => {
    const paths: Record<Visit["path"], string> = {
      thread: `/v1/threads/${threadId}/events`,
      live: `/v1/threads/${threadId}/events?live=true`,
      log: "/v1/log/events",
      tail: `/v1/threads/${threadId}/events?after=tail`,
      absent: "/v1/threads/nobody/events",
      ahead: `/v1/threads/${threadId}/events?after=100000`
    }
    const headers = { accept: "text/event-stream" }
    const asked = request(`http://${address}${paths[path]}`, { method, agent: false, headers })
    asked.on("error", () => {})
    asked.on("close", () => resume(Effect.void))
    let bytes = 0
    asked.on("response", (response) => {
      response.on("error", () => {})
      if (method === "HEAD" || response.statusCode !== 200) return void response.resume()
      if (reads) {
        response.on("data", (chunk: Buffer) => {
          bytes += chunk.length
          if (departure.after === "bytes" && bytes > departure.count) asked.destroy()
        })
      }
    })
    asked.end()
    let rounds = 0
    const later = () => {
      if (asked.destroyed) return
      const enough = departure.after === "rounds" ? departure.count : 60
      if (++rounds > enough) asked.destroy()
      else setImmediate(later)
    }
    setImmediate(later)
  })

describe("clients that leave", () => {
  it.live("leave no listener behind, whenever they do", () => {
    let watchers = 0
    const countingLane = Layer.effect(
      LiveLane,
      Effect.map(LiveLane, (lane) => ({
        ...lane,
        watch: (...watched: Parameters<typeof lane.watch>) =>
          Effect.andThen(
            Effect.acquireRelease(
              Effect.sync(() => void (watchers += 1)),
              () => Effect.sync(() => void (watchers -= 1))
            ),
            lane.watch(...watched)
          )
      }))
    ).pipe(Layer.provide(LiveLane.layer))

    return Effect.gen(function* () {
      const hub = yield* ThreadHub
      const doors = yield* Doors
      const { address } = yield* Listener
      const { append, live, threadId } = yield* runningThread
      const writing = yield* Effect.sync(() => live.say("and on ")).pipe(
        Effect.andThen(append("and on ".repeat(20))),
        Effect.andThen(round),
        Effect.forever,
        Effect.forkChild
      )
      const visits = fc.sample(visit, { numRuns: 300, seed: 20_261_120 })
      let most = 0
      yield* Effect.forEach(
        visits,
        (visit) =>
          Effect.tap(pay(address, threadId, visit), () =>
            Effect.sync(() => (most = Math.max(most, hub.listeners())))
          ),
        { concurrency: 8 }
      )
      yield* Fiber.interrupt(writing)
      while (doors.eventStreams().open > 0) yield* round
      for (let i = 0; i < 5; i++) yield* round
      expect({ listeners: hub.listeners(), watchers }).toEqual({ listeners: 0, watchers: 0 })
      expect(most).toBeGreaterThan(0)
    }).pipe(Effect.scoped, Effect.provide(layerTestServer({}, undefined, countingLane)))
  })

  it.live("stop no turn", () =>
    Effect.gen(function* () {
      const doors = yield* Doors
      const { append, runtime, threadId } = yield* runningThread
      const leaving = yield* openStream(`/v1/threads/${threadId}/events?live=true`)
      yield* leaving.next
      yield* leaving.leave
      while (doors.eventStreams().open > 0) yield* round
      yield* append("more")
      const end = yield* runtime.end()
      const late = yield* openStream(`/v1/threads/${threadId}/events`)
      yield* late.until((message) => message.lastEventId === String(end))
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )
})

describe("a server that stops", () => {
  it.live("ends every stream behind the last event, so that a browser comes back to where it was", () =>
    Effect.gen(function* () {
      const doors = yield* Doors
      const { append, threadId, version } = yield* runningThread
      const streams = [
        yield* openStream(`/v1/threads/${threadId}/events`),
        yield* openStream("/v1/log/events")
      ]
      for (const stream of streams) yield* stream.until((message) => message.event === "caught-up")
      yield* append("the last word")
      const [log, publisher] = [yield* EventLog, yield* Publisher]
      while (publisher.head() < (yield* log.head)) yield* round
      yield* doors.shutDown
      for (const stream of streams) {
        const rest = yield* stream.rest
        expect(JSON.parse(rest.at(-1)!.data)).toMatchObject({ version: version() })
        expect(stream.isComplete()).toBe(true)
      }
      expect(doors.eventStreams().open).toBe(0)
      const refused = yield* Effect.flip(openStream(`/v1/threads/${threadId}/events`))
      expect(refused).toMatchObject({ status: 503 })
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )
})
