import { describe, expect, it } from "@effect/vitest"
import { type ClientCommandOf, CommandId, type LiveFrame, type ThreadId } from "@spillway/contracts"
import { EventLog, ThreadEngine } from "@spillway/orchestration"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { createThread, newThreadId, startTurn } from "../../testing/commands.ts"
import { logOf, origin, runningThread } from "../../testing/runningThread.ts"
import { openStream, type StreamMessage } from "../../testing/TestEventStream.ts"
import { layerTestServer } from "../../testing/TestServer.ts"
import { Doors } from "../Doors.ts"
import { clientEventText } from "../following/eventText.ts"

const pathOf = (threadId: ThreadId, query = "") => `/v1/threads/${threadId}/events${query}`
const isCaughtUp = (message: StreamMessage) => message.event === "caught-up"
const eventsOf = (messages: ReadonlyArray<StreamMessage>) =>
  messages.filter((message) => message.event === "message")
const hasVersion = (version: number) => (message: StreamMessage) =>
  message.event === "message" && message.lastEventId === String(version)
const frameOf = (message: StreamMessage) => JSON.parse(message.data) as LiveFrame

/** What a stream should hold of these events of a thread. */
const expected = (threadId: ThreadId, after = 0) =>
  Effect.map(logOf(threadId, after), (events) =>
    events.map((event) => ({
      lastEventId: String(event.version),
      event: "message",
      data: clientEventText(event)
    }))
  )

const deleteThread = (threadId: ThreadId): ClientCommandOf<"thread.delete"> => ({
  type: "thread.delete",
  commandId: CommandId.make(`delete-${threadId}`),
  threadId
})

describe("an event stream of a thread", () => {
  it.live("gives what happened from the first event on, each with its version, and then what happens", () =>
    Effect.gen(function* () {
      const { append, runtime, threadId, version } = yield* runningThread
      const { logId } = yield* EventLog
      const stream = yield* openStream(pathOf(threadId))
      const history = yield* stream.until(isCaughtUp)
      expect(history.slice(0, -1)).toEqual(yield* expected(threadId))
      expect(history.at(-1)).toEqual({
        lastEventId: String(version()),
        event: "caught-up",
        data: JSON.stringify({ version: version(), logId })
      })
      const known = version()
      yield* append("more")
      const end = yield* runtime.end()
      expect(yield* stream.until(hasVersion(end))).toEqual(yield* expected(threadId, known))
      expect(stream.retry()).toBe(2_000)
      expect(stream.response.headers).toMatchObject({
        "content-type": "text/event-stream",
        "cache-control": "no-store, no-transform",
        "x-accel-buffering": "no"
      })
      expect(stream.response.headers["content-encoding"]).toBeUndefined()
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live("begins after `after`, after Last-Event-ID before that, and at `after=tail` with what comes", () =>
    Effect.gen(function* () {
      const { append, threadId, version } = yield* runningThread
      const after = yield* openStream(pathOf(threadId, "?after=3"))
      expect((yield* after.until(isCaughtUp)).slice(0, -1)).toEqual(yield* expected(threadId, 3))
      const resumed = yield* openStream(pathOf(threadId, "?after=1"), { headers: { "last-event-id": "4" } })
      expect((yield* resumed.until(isCaughtUp)).slice(0, -1)).toEqual(yield* expected(threadId, 4))
      // What a browser that saw nothing yet sends back.
      const fresh = yield* openStream(pathOf(threadId, "?after=1"), { headers: { "last-event-id": "" } })
      expect((yield* fresh.until(isCaughtUp)).slice(0, -1)).toEqual(yield* expected(threadId, 1))

      const tail = yield* openStream(pathOf(threadId, "?after=tail"))
      // It has an id to come back with, although it saw no event yet.
      expect(yield* tail.next).toMatchObject({ event: "caught-up", lastEventId: String(version()) })
      const known = version()
      yield* append("more")
      expect(yield* tail.until(hasVersion(version()))).toEqual(yield* expected(threadId, known))
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live(
    "a cursor ahead of the thread, of another log or of no stream at all gets an answer and no stream",
    () =>
      Effect.gen(function* () {
        const { threadId, version } = yield* runningThread
        const { logId } = yield* EventLog
        const refused = (
          query: string,
          headers: Record<string, string> = {},
          path = pathOf(threadId, query)
        ) => Effect.flip(openStream(path, { headers }))
        expect(yield* refused(`?after=${version() + 1}`)).toMatchObject({
          status: 409,
          body: expect.stringContaining("cursor-invalid")
        })
        expect(yield* refused("", { "last-event-id": `${version() + 1}` })).toMatchObject({ status: 409 })
        expect(yield* refused("?logId=another", { "last-event-id": "2" })).toMatchObject({
          status: 409,
          body: expect.stringContaining("another log")
        })
        expect(yield* refused("", { "last-event-id": "2; drop" })).toMatchObject({
          status: 400,
          body: expect.stringContaining("Last-Event-ID")
        })
        expect(yield* refused("", {}, pathOf(newThreadId()))).toMatchObject({
          status: 404,
          body: expect.stringContaining("thread-not-found")
        })
        yield* openStream(pathOf(threadId, `?after=${version()}&logId=${logId}`))
      }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live("with `live=true` gives the tail first, then live frames where they belong between events", () =>
    Effect.gen(function* () {
      const { append, live, threadId, version } = yield* runningThread
      live.say("so far, ")
      const stream = yield* openStream(pathOf(threadId, "?live=true"))
      const without = yield* openStream(pathOf(threadId))
      const history = yield* stream.until(isCaughtUp)
      expect(history.some((message) => message.event === "live")).toBe(false)
      const tail = yield* stream.next
      expect(tail.event).toBe("live")
      // A live frame moves no cursor.
      expect(tail.lastEventId).toBe(String(version()))
      expect(frameOf(tail)).toMatchObject({ offset: 0, text: "so far, ", afterVersion: version() })
      live.say("so good")
      expect(frameOf(yield* stream.next)).toMatchObject({ offset: 8, text: "so good" })
      yield* append("so far, so good")
      live.flushed()
      live.say(", and on")
      const [event, more] = [yield* stream.next, yield* stream.next]
      expect(event).toMatchObject({ event: "message", lastEventId: String(version()) })
      expect(frameOf(more)).toMatchObject({ offset: 15, text: ", and on", afterVersion: version() })
      const plain = yield* without.until(hasVersion(version()))
      expect(plain.some((message) => message.event === "live")).toBe(false)
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live("of a thread that is deleted ends behind the last event, and is 204 to whoever comes back", () =>
    Effect.gen(function* () {
      const engine = yield* ThreadEngine
      const doors = yield* Doors
      const threadId = newThreadId()
      yield* engine.dispatch(origin, createThread(threadId))
      yield* engine.dispatch(origin, startTurn(threadId))
      const stream = yield* openStream(pathOf(threadId))
      yield* stream.until(isCaughtUp)
      yield* engine.dispatch(origin, deleteThread(threadId))
      const rest = yield* stream.rest
      expect(JSON.parse(rest.at(-1)!.data)).toMatchObject({ type: "thread.deleted" })
      expect(stream.isComplete()).toBe(true)
      expect(doors.eventStreams().open).toBe(0)

      const all = yield* (yield* openStream(pathOf(threadId))).rest
      expect(eventsOf(all)).toEqual(yield* expected(threadId))
      expect(all.at(-1)!.event).toBe("caught-up")
      const { lastEventId } = all.at(-1)!
      const back = openStream(pathOf(threadId), { headers: { "last-event-id": lastEventId } })
      expect(yield* Effect.flip(back)).toMatchObject({ status: 204 })
      expect(yield* Effect.flip(openStream(pathOf(threadId, "?after=tail")))).toMatchObject({ status: 204 })
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.effect(
    "says something every 15 seconds where nothing happens, and nothing more where something does",
    () =>
      Effect.gen(function* () {
        const { append, threadId, version } = yield* runningThread
        const stream = yield* openStream(pathOf(threadId))
        yield* stream.until(isCaughtUp)
        yield* TestClock.adjust("10 seconds")
        yield* append("more")
        yield* stream.until(hasVersion(version()))
        yield* TestClock.adjust("14 seconds")
        yield* append("and more")
        yield* stream.until(hasVersion(version()))
        expect(stream.comments()).toBe(0)
        yield* TestClock.adjust("16 seconds")
        expect(yield* stream.comment).toBe("nothing new")
        yield* TestClock.adjust("16 seconds")
        expect(yield* stream.comment).toBe("nothing new")
      }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )
})
