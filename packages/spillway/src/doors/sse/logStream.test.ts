import { describe, expect, it } from "@effect/vitest"
import { EventLog } from "@spillway/orchestration"
import { Effect } from "effect"
import { runningThread } from "../../testing/runningThread.ts"
import { openStream, type StreamMessage } from "../../testing/TestEventStream.ts"
import { layerTestServer } from "../../testing/TestServer.ts"
import { loggedEventText } from "../following/eventText.ts"

const isCaughtUp = (message: StreamMessage) => message.event === "caught-up"

/** What a stream should hold of the log. */
const expected = Effect.fnUntraced(function* (after: number) {
  const log = yield* EventLog
  return (yield* log.readLog({ afterPosition: after, limit: 10_000 })).map((event) => ({
    lastEventId: String(event.position),
    event: "message",
    data: loggedEventText(event)
  }))
})

describe("an event stream of the log", () => {
  it.live("gives every thread's events in the one order, with position and hash, from any position on", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const [one, other] = [yield* runningThread, yield* runningThread]
      const stream = yield* openStream("/v1/log/events")
      const head = yield* log.head
      const history = yield* stream.until(isCaughtUp)
      expect(history.slice(0, -1)).toEqual(yield* expected(0))
      expect(history.at(-1)).toEqual({
        lastEventId: String(head),
        event: "caught-up",
        data: JSON.stringify({ position: head, logId: log.logId })
      })
      yield* one.append("one")
      yield* other.append("other")
      const more = [yield* stream.next, yield* stream.next]
      expect(more).toEqual(yield* expected(head))
      const resumed = yield* openStream(`/v1/log/events?after=1&logId=${log.logId}`, {
        headers: { "last-event-id": String(head - 2) }
      })
      expect((yield* resumed.until(isCaughtUp)).slice(0, -1)).toEqual(yield* expected(head - 2))
      const tail = yield* openStream("/v1/log/events?after=tail")
      expect(yield* tail.next).toMatchObject({ event: "caught-up", lastEventId: String(head + 2) })
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live("is refused to a cursor ahead of it, or of another log", () =>
    Effect.gen(function* () {
      const { head } = yield* EventLog
      yield* runningThread
      const ahead = openStream("/v1/log/events", { headers: { "last-event-id": String((yield* head) + 1) } })
      expect(yield* Effect.flip(ahead)).toMatchObject({
        status: 409,
        body: expect.stringContaining("cursor-invalid")
      })
      const foreign = openStream("/v1/log/events?after=1&logId=another")
      expect(yield* Effect.flip(foreign)).toMatchObject({ status: 409 })
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )
})
