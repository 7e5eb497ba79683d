import { describe, expect, it } from "@effect/vitest"
import { emptyThreadView, foldThread } from "@spillway/contracts"
import { EventLog } from "@spillway/orchestration"
import { Effect, Fiber } from "effect"
import {
  eventsOf,
  isCaughtUp,
  isTurnEnd,
  loggedEventsOf,
  logOf,
  runningThread,
  see,
  subscribeTo
} from "../../testing/runningThread.ts"
import { connectHere, layerTestServer } from "../../testing/TestServer.ts"
import { clientEventText, loggedEventText } from "../following/eventText.ts"

describe("a subscription to a thread", () => {
  it.live(
    "D3 after version N in mid-turn brings what is committed after N, the log's bytes, then what comes",
    () =>
      Effect.gen(function* () {
        const { append, runtime, threadId, version } = yield* runningThread
        yield* append("one ")
        const client = yield* connectHere()
        for (const after of [0, 3, version()]) {
          yield* subscribeTo(client, threadId, { afterVersion: after })
          const history = yield* client.until(isCaughtUp)
          expect(history.at(-1)).toEqual({ type: "caught-up", id: "s", version: version() })
          const logged = yield* logOf(threadId, after)
          expect(eventsOf(history).map((event) => JSON.stringify(event))).toEqual(logged.map(clientEventText))
          yield* client.send({ type: "unsubscribe", id: "s" })
        }
        yield* subscribeTo(client, threadId, { afterVersion: version() })
        yield* client.expect("caught-up")
        yield* append("two")
        yield* runtime.end()
        const rest = eventsOf(yield* client.until(isTurnEnd))
        expect(rest.map((event) => event.version)).toEqual(
          (yield* logOf(threadId)).slice(-rest.length).map((event) => event.version)
        )
        expect(rest[0]).toMatchObject({ type: "thread.message-segment-appended", data: { text: "two" } })
      }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live("has no position and no hash; one to the log has both", () =>
    Effect.gen(function* () {
      const { threadId } = yield* runningThread
      const client = yield* connectHere()
      yield* subscribeTo(client, threadId, { afterVersion: 0 })
      for (const event of eventsOf(yield* client.until(isCaughtUp))) {
        expect(Object.keys(event)).not.toContain("position")
        expect(Object.keys(event)).not.toContain("hash")
      }
      yield* client.send({
        type: "subscribe",
        id: "log",
        subscription: { to: "log", from: { afterPosition: 0 } }
      })
      const logged = loggedEventsOf(yield* client.until(isCaughtUp))
      expect(logged.map((event) => JSON.stringify(event))).toEqual(
        (yield* logOf(threadId)).map(loggedEventText)
      )
      expect(logged.map((event) => event.position)).toEqual(logged.map((_, i) => i + 1))
      expect(logged.every((event) => /^[0-9a-f]{64}$/.test(event.hash))).toBe(true)
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live("from its tail brings only what comes", () =>
    Effect.gen(function* () {
      const { append, threadId, version } = yield* runningThread
      const client = yield* connectHere()
      yield* subscribeTo(client, threadId, "tail")
      expect(yield* client.expect("caught-up")).toMatchObject({ version: version() })
      yield* append("now")
      expect(eventsOf([yield* client.expect("events")])).toMatchObject([
        { version: version(), data: { text: "now" } }
      ])
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live("A6 a late subscriber to a streaming message sees the text so far, then the rest", () =>
    Effect.gen(function* () {
      const { append, live, runtime, threadId } = yield* runningThread
      live.say("In the log. ")
      yield* append("In the log. ")
      live.flushed()
      live.say("Not yet in the log. ")
      live.say("Nor is this. ")
      const client = yield* connectHere()
      const seen = see(threadId)
      yield* subscribeTo(client, threadId, "snapshot")
      seen.take(yield* client.until(isCaughtUp))
      const tail = yield* client.expect("live")
      expect(tail.frames).toMatchObject([{ offset: 12, text: "Not yet in the log. Nor is this. " }])
      seen.take([tail])
      expect(seen.assistantText()).toBe("In the log. Not yet in the log. Nor is this. ")
      live.say("And this comes.")
      seen.take([yield* client.expect("live")])
      expect(seen.assistantText()).toBe(live.text())
      yield* append("Not yet in the log. Nor is this. And this comes.")
      yield* runtime.end()
      seen.take(yield* client.until(isTurnEnd))
      expect(seen.assistantText()).toBe(live.text())
      expect(seen.view()).toEqual(foldThread(emptyThreadView(threadId), yield* logOf(threadId)))
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live(
    "V7 a snapshot before the first delta, and a delta before the snapshot, both end in one message",
    () =>
      Effect.gen(function* () {
        const { append, live, runtime, threadId } = yield* runningThread
        const early = yield* connectHere()
        const seenEarly = see(threadId)
        yield* subscribeTo(early, threadId, "snapshot")
        seenEarly.take(yield* early.until(isCaughtUp))
        live.say("hello ")
        live.say("world")
        const late = yield* connectHere()
        const seenLate = see(threadId)
        yield* subscribeTo(late, threadId, "snapshot")
        seenLate.take(yield* late.until((frame) => frame.type === "live"))
        expect(seenLate.assistantText()).toBe("hello world")
        yield* append("hello world")
        yield* runtime.end()
        seenEarly.take(yield* early.until(isTurnEnd))
        seenLate.take(yield* late.until(isTurnEnd))
        const messages = seenEarly.view().turns[0]!.messages.filter((message) => message.role === "assistant")
        expect(messages).toMatchObject([
          { messageId: runtime.messageId, status: "completed", parts: [{ text: "hello world" }] }
        ])
        expect(seenLate.view()).toEqual(seenEarly.view())
      }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live(
    "A4 after a reconnect the first live frame is the whole tail at its durable offset; nothing shows twice",
    () =>
      Effect.gen(function* () {
        const { append, live, runtime, threadId } = yield* runningThread
        const first = yield* connectHere()
        const seen = see(threadId)
        yield* subscribeTo(first, threadId, "snapshot")
        seen.take(yield* first.until(isCaughtUp))
        live.say("abc")
        seen.take([yield* first.expect("live")])
        yield* Effect.sync(() => first.socket.terminate())
        live.say("def")
        yield* append("abcd")
        live.flushed()
        live.say("ghi")

        const again = yield* connectHere()
        yield* subscribeTo(again, threadId, { afterVersion: seen.view().version })
        const resumed = yield* again.until((frame) => frame.type === "live")
        seen.take(resumed)
        expect(eventsOf(resumed).map((event) => event.type)).toEqual(["thread.message-segment-appended"])
        expect(resumed.at(-1)).toMatchObject({ frames: [{ offset: 6, text: "ghi" }] })
        yield* append("efghi")
        yield* runtime.end()
        seen.take(yield* again.until(isTurnEnd))
        expect(seen.assistantText()).toBe("abcdefghi")
        expect(seen.view()).toEqual(foldThread(emptyThreadView(threadId), yield* logOf(threadId)))
      }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live("sends live frames behind the version that they follow", () =>
    Effect.gen(function* () {
      const { append, live, threadId, version } = yield* runningThread
      const client = yield* connectHere()
      yield* subscribeTo(client, threadId, { afterVersion: version() })
      yield* client.expect("caught-up")
      yield* Effect.forEach(["a", "b", "c", "d", "e", "f"], (text) => {
        live.say(text)
        return append(text)
      })
      yield* append("!")
      let at = version() - 7
      const frames = yield* client.until((frame) => eventsOf([frame]).at(-1)?.version === version())
      for (const frame of frames) {
        if (frame.type === "live")
          for (const piece of frame.frames) expect(piece.afterVersion).toBeLessThanOrEqual(at)
        at = eventsOf([frame]).at(-1)?.version ?? at
      }
      expect(eventsOf(frames).length).toBe(7)
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live("without live frames has none", () =>
    Effect.gen(function* () {
      const { append, live, threadId, version } = yield* runningThread
      const client = yield* connectHere()
      yield* client.send({
        type: "subscribe",
        id: "s",
        subscription: { to: "thread", threadId, from: { afterVersion: version() }, live: false }
      })
      yield* client.expect("caught-up")
      live.say("unseen")
      yield* append("unseen")
      yield* client.expect("events")
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live(
    "with a cursor ahead of the thread, or of another log, is told so and gets a snapshot, never a silent gap",
    () =>
      Effect.gen(function* () {
        const { append, threadId, version } = yield* runningThread
        const client = yield* connectHere()
        const { logId } = yield* EventLog
        yield* subscribeTo(client, threadId, { afterVersion: version(), logId })
        yield* client.expect("caught-up")
        yield* client.send({ type: "unsubscribe", id: "s" })
        for (const from of [{ afterVersion: version() + 1 }, { afterVersion: 1, logId: "another" }]) {
          yield* subscribeTo(client, threadId, from)
          expect(yield* client.expect("error")).toMatchObject({ code: "cursor-invalid", id: "s" })
          expect((yield* client.expect("snapshot")).view).toEqual(
            foldThread(emptyThreadView(threadId), yield* logOf(threadId))
          )
          yield* client.expect("caught-up")
          yield* append("x")
          expect(eventsOf([yield* client.expect("events")]).map((event) => event.version)).toEqual([
            version()
          ])
          yield* client.send({ type: "unsubscribe", id: "s" })
        }
      }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live("that begins while the thread is written misses nothing and repeats nothing", () =>
    Effect.gen(function* () {
      const { append, threadId, version } = yield* runningThread
      const writing = yield* Effect.forkChild(Effect.forEach(Array.from({ length: 300 }), () => append("x")))
      const clients = yield* Effect.forEach([0, 1, 2, 3, 4, 5, 6, 7], (i) =>
        Effect.gen(function* () {
          const client = yield* connectHere()
          const seen = see(threadId)
          yield* subscribeTo(client, threadId, i % 2 === 0 ? "snapshot" : { afterVersion: i })
          if (i % 2 === 1)
            seen.take([{ type: "events", seq: 0, id: "", events: (yield* logOf(threadId)).slice(0, i) }])
          return { client, seen }
        })
      )
      yield* Fiber.join(writing)
      const expected = foldThread(emptyThreadView(threadId), yield* logOf(threadId))
      for (const { client, seen } of clients) {
        // The fold throws on a gap, and skips what it has: repeated events would show in the count.
        while (seen.view().version < version()) seen.take([yield* client.next])
        expect(seen.view()).toEqual(expected)
      }
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live("is one of many: several sockets see the same events in the same bytes", () =>
    Effect.gen(function* () {
      const { append, runtime, threadId } = yield* runningThread
      const clients = yield* Effect.forEach(Array.from({ length: 20 }), () => connectHere())
      for (const client of clients) {
        yield* subscribeTo(client, threadId, { afterVersion: 0 })
        yield* client.until(isCaughtUp)
      }
      yield* Effect.forEach(Array.from({ length: 20 }), () => append("more "))
      yield* runtime.end()
      const expected = (yield* logOf(threadId, 7)).map(clientEventText)
      for (const client of clients) {
        const frames = yield* client.until(isTurnEnd)
        expect(eventsOf(frames).map((event) => JSON.stringify(event))).toEqual(expected)
      }
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )
})
