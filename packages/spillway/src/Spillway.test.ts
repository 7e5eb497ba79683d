import { describe, expect, it } from "@effect/vitest"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import {
  type ClientCommandOf,
  DEFAULT_TENANT,
  DeliveryMode,
  emptyThreadView,
  foldThread,
  isTurnEnd,
  type RuntimeChoice,
  type ServerFrame,
  stepIdOf,
  type ThreadId
} from "@spillway/contracts"
import { Publisher, ReadModels } from "@spillway/orchestration"
import { streamedText } from "@spillway/provider-runtimes"
import { Effect } from "effect"
import { createThread, newThreadId, respondTo, startTurn } from "./testing/commands.ts"
import { eventsOf, logOf, see, subscribeTo } from "./testing/runningThread.ts"
import type { TestClient } from "./testing/TestClient.ts"
import { connectHere } from "./testing/TestServer.ts"
import { layerServer, layerTestSpillway } from "./testing/TestSpillway.ts"
import { clientEventText } from "./doors/following/eventText.ts"

const script = (name: string, options: RuntimeChoice["options"] = {}): RuntimeChoice => ({
  runtime: "scripted",
  options: { script: name, ...options }
})

/** A thread that `client` watches from its first event on. */
const watchedThread = Effect.fnUntraced(function* (client: TestClient) {
  const threadId = newThreadId()
  yield* client.send({ type: "command", command: createThread(threadId) })
  yield* client.expect("receipt")
  yield* subscribeTo(client, threadId, { afterVersion: 0 })
  return threadId
})

const start = (client: TestClient, threadId: ThreadId, but: Partial<ClientCommandOf<"thread.turn.start">>) =>
  Effect.suspend(() => {
    const command = startTurn(threadId, but)
    return Effect.as(client.send({ type: "command", command }), command.turnId)
  })

const hasEvent = (type: string) => (frame: ServerFrame) =>
  frame.type === "events" && frame.events.some((event) => event.type === type)

const hasEnd = (frame: ServerFrame) => frame.type === "events" && frame.events.some(isTurnEnd)

describe("a turn on a real server, from the websocket to Postgres and back", () => {
  for (const mode of DeliveryMode.literals) {
    it.live(
      `A1 in ${mode} the client's fold, the read model and a fold of the log are equal, and so are the bytes`,
      () =>
        Effect.gen(function* () {
          const client = yield* connectHere()
          const threadId = yield* watchedThread(client)
          const seen = see(threadId)
          const frames: Array<ServerFrame> = []
          for (const name of ["reasoning", "tools", "error", "stream"]) {
            const options = name === "stream" ? { deltas: 40, intervalMs: 1 } : {}
            yield* start(client, threadId, { assistantDeliveryMode: mode, choice: script(name, options) })
            frames.push(...(yield* client.until(hasEnd)))
          }
          seen.take(frames)
          const logged = yield* logOf(threadId)
          expect(eventsOf(frames).map((event) => JSON.stringify(event))).toEqual(logged.map(clientEventText))
          expect(seen.view()).toEqual(foldThread(emptyThreadView(threadId), logged))
          const readModels = yield* ReadModels
          yield* readModels.waitFor((yield* Publisher).head())
          expect((yield* readModels.thread(DEFAULT_TENANT, threadId))?.view).toEqual(seen.view())
          expect(frames.some((frame) => frame.type === "live")).toBe(mode === "streaming")
          const written = seen.view().turns.at(-1)!.messages.at(-1)!.parts
          expect(written).toMatchObject([{ text: streamedText({ deltas: 40, deltaSize: 16 }) }])
        }).pipe(Effect.scoped, Effect.provide(layerTestSpillway))
    )
  }

  it.live(
    "T5 A14 in streaming every live frame carries the ids of the event that follows, and shows nothing twice",
    () =>
      Effect.gen(function* () {
        const client = yield* connectHere()
        const threadId = yield* watchedThread(client)
        const seen = see(threadId)
        const turnId = yield* start(client, threadId, {
          assistantDeliveryMode: "streaming",
          choice: script("stream", { deltas: 60, intervalMs: 2 })
        })
        const whole = streamedText({ deltas: 60, deltaSize: 16 })
        let shown = ""
        let ended = false
        while (!ended) {
          const frame = yield* client.next
          seen.take([frame])
          const text = seen.assistantText()
          // What a person sees only grows, and is never anything but the beginning of the text.
          expect(text.startsWith(shown)).toBe(true)
          expect(whole.startsWith(text)).toBe(true)
          shown = text
          if (frame.type === "live") {
            for (const piece of frame.frames)
              expect(piece).toMatchObject({ threadId, turnId, stepId: stepIdOf(turnId, 0) })
          }
          ended = hasEnd(frame)
        }
        expect(shown).toBe(whole)
      }).pipe(Effect.scoped, Effect.provide(layerTestSpillway))
  )

  it.live(
    "D3 A6 whoever comes in mid-turn, by snapshot or after any version, sees what was committed and then the rest",
    () =>
      Effect.gen(function* () {
        const client = yield* connectHere()
        const threadId = yield* watchedThread(client)
        yield* start(client, threadId, { choice: script("approval") })
        const before = eventsOf(yield* client.until(hasEvent("thread.request-opened")))
        const opened = before.find((event) => event.type === "thread.request-opened")!
        const late = yield* Effect.forEach(["snapshot", 0, 1, 5, opened.version] as const, (from) =>
          Effect.gen(function* () {
            const other = yield* connectHere()
            const seen = see(threadId)
            if (from !== "snapshot")
              seen.take([{ type: "events", seq: 0, id: "", events: before.slice(0, from) }])
            yield* subscribeTo(other, threadId, from === "snapshot" ? from : { afterVersion: from })
            seen.take(yield* other.until((frame) => frame.type === "caught-up"))
            const { version } = seen.view()
            expect(version).toBeGreaterThanOrEqual(opened.version)
            expect(seen.view()).toEqual(
              foldThread(emptyThreadView(threadId), (yield* logOf(threadId)).slice(0, version))
            )
            expect(seen.view().turns[0]!.requests).toMatchObject([{ status: "pending" }])
            return { other, seen }
          })
        )
        yield* client.send({ type: "command", command: respondTo(threadId, opened.data.requestId) })
        yield* client.until(hasEnd)
        const expected = foldThread(emptyThreadView(threadId), yield* logOf(threadId))
        for (const { other, seen } of late) {
          seen.take(yield* other.until(hasEnd))
          expect(seen.view()).toEqual(expected)
        }
      }).pipe(Effect.scoped, Effect.provide(layerTestSpillway))
  )

  it.live(
    "A5 A12 a turn that waits for an answer survives a restart: the same events, and it goes on when answered",
    () =>
      Effect.gen(function* () {
        const threadId = newThreadId()
        const before = yield* Effect.gen(function* () {
          const client = yield* connectHere()
          yield* client.send({ type: "command", command: createThread(threadId) })
          yield* client.expect("receipt")
          yield* subscribeTo(client, threadId, { afterVersion: 0 })
          yield* start(client, threadId, { choice: script("approval") })
          return eventsOf(yield* client.until(hasEvent("thread.request-opened")))
        }).pipe(Effect.scoped, Effect.provide(layerServer))

        yield* Effect.gen(function* () {
          const client = yield* connectHere()
          yield* subscribeTo(client, threadId, { afterVersion: 0 })
          const after = eventsOf(yield* client.until((frame) => frame.type === "caught-up"))
          expect(after.slice(0, before.length)).toEqual(before)
          const opened = before.find((event) => event.type === "thread.request-opened")!
          yield* client.send({ type: "command", command: respondTo(threadId, opened.data.requestId) })
          const rest = eventsOf(yield* client.until(hasEnd))
          expect(rest.at(-1)?.type).toBe("thread.turn-completed")
        }).pipe(Effect.scoped, Effect.provide(layerServer))
      }).pipe(Effect.provide(TestDatabase.layer))
  )
})
