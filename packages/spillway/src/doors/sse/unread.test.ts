import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { heldBytes, round } from "../../testing/heldBytes.ts"
import { logOf, runningThread } from "../../testing/runningThread.ts"
import { openStream, type StreamMessage } from "../../testing/TestEventStream.ts"
import { layerTestServer } from "../../testing/TestServer.ts"
import { Doors } from "../Doors.ts"
import { clientEventText } from "../following/eventText.ts"

const CLIENTS = 20

/** Characters of an event's text: the largest segment there is. */
const LARGE = 40_000

/**
 * What one client may cost that reads nothing, in bytes. It comes to about 136 KiB, its own end of the connection included, which is in
 * this process too.
 */
const BYTES_PER_CLIENT = 256 * 1024

const eventTexts = (messages: ReadonlyArray<StreamMessage>) =>
  messages.filter((message) => message.event === "message").map((message) => message.data)

/** A thread that is written, clients that read nothing of it, and as much written that the kernel takes no more for any of them. */
const cloggedClients = Effect.fnUntraced(function* (count: number) {
  const { append, threadId, version } = yield* runningThread
  const doors = yield* Doors
  const path = `/v1/threads/${threadId}/events`
  const produce = (events: number) =>
    Effect.forEach(Array.from({ length: events }), () => Effect.andThen(append("x".repeat(LARGE)), round), {
      discard: true
    })
  const clients = yield* Effect.forEach(Array.from({ length: count }), () =>
    openStream(path, { reads: false })
  )
  for (let clogged = 0; clogged < 20; clogged = doors.eventStreams().clogged === count ? clogged + 1 : 0) {
    yield* produce(2)
  }
  const isLast = (message: StreamMessage) =>
    message.event === "message" && message.lastEventId === String(version())
  return { append, clients, isLast, path, produce, threadId, version }
})

describe("a client that does not read", () => {
  it.live("E6 costs bounded memory, keeps nobody else waiting, and gets everything once it reads", () =>
    Effect.gen(function* () {
      const doors = yield* Doors
      const { clients, isLast, path, produce, threadId } = yield* cloggedClients(CLIENTS)
      const reader = yield* openStream(path)
      yield* produce(50)
      const logged = (yield* logOf(threadId)).map(clientEventText)
      expect(eventTexts(yield* reader.until(isLast))).toEqual(logged)
      yield* reader.leave
      while (doors.eventStreams().open > CLIENTS) yield* round

      const held = yield* heldBytes
      expect(doors.eventStreams()).toEqual({ open: CLIENTS, clogged: CLIENTS })
      const [late, ...others] = clients
      for (const { leave } of others) yield* leave
      while (doors.eventStreams().open > 1) yield* round
      const perClient = (held - (yield* heldBytes)) / (CLIENTS - 1)
      expect(perClient).toBeLessThan(BYTES_PER_CLIENT)

      yield* late!.read
      expect(eventTexts(yield* late!.until(isLast))).toEqual(logged)
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.effect("is cut off after 30 seconds, and goes on where it was with Last-Event-ID", () =>
    Effect.gen(function* () {
      const doors = yield* Doors
      const { clients, isLast, path, threadId } = yield* cloggedClients(1)
      const silent = clients[0]!
      yield* TestClock.adjust("29 seconds")
      yield* round
      expect(doors.eventStreams().open).toBe(1)
      yield* TestClock.adjust("2 seconds")
      while (doors.eventStreams().open > 0) yield* round

      yield* silent.read
      const seen = yield* silent.rest
      expect(silent.isComplete()).toBe(false)
      const { lastEventId } = seen.at(-1)!
      const again = yield* openStream(path, { headers: { "last-event-id": lastEventId } })
      const rest = yield* again.until(isLast)
      expect([...eventTexts(seen), ...eventTexts(rest)]).toEqual(
        (yield* logOf(threadId)).map(clientEventText)
      )
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )
})
