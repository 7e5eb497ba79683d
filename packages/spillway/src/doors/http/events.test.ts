import { describe, expect, it, layer } from "@effect/vitest"
import type { ServerFrame } from "@spillway/contracts"
import { EVENTS_PAGE_BYTES } from "@spillway/contracts/http-api"
import { EventLog } from "@spillway/orchestration"
import { Effect } from "effect"
import { clientEventText, loggedEventText } from "../following/eventText.ts"
import { createThread, newThreadId, startTurn } from "../../testing/commands.ts"
import { request, type TestAnswer } from "../../testing/httpRequest.ts"
import { isCaughtUp, logOf, runningThread, subscribeTo } from "../../testing/runningThread.ts"
import { connectHere, layerTestServer } from "../../testing/TestServer.ts"
import { layerTestSpillway } from "../../testing/TestSpillway.ts"

/** The texts of a page's events, as they stand in the answer. */
const eventTexts = (text: string): ReadonlyArray<string> => {
  const list = /"events":\[(.*)\],"next":(?:\d+|null)\}$/s.exec(text)![1]!
  const events = (JSON.parse(`[${list}]`) as ReadonlyArray<unknown>).map((event) => JSON.stringify(event))
  // Put together again they are the answer's bytes: nothing is written in another way than by JSON.stringify.
  expect(events.join(",")).toBe(list)
  return events
}

/** Page after page, as a client reads on. */
const readAll = Effect.fnUntraced(function* (path: string, limit: number) {
  const texts: Array<string> = []
  let next: number | null = 0
  while (next !== null) {
    const answer: TestAnswer = yield* request(`${path}?after=${next}&limit=${limit}`)
    expect(answer.status).toBe(200)
    const page = eventTexts(answer.text)
    expect(page.length).toBeLessThanOrEqual(limit)
    texts.push(...page)
    next = answer.json.next
  }
  return texts
})

const framesText = (frames: ReadonlyArray<ServerFrame>) =>
  frames.flatMap((frame) =>
    frame.type === "events" ? frame.events.map((event) => JSON.stringify(event)) : []
  )

layer(layerTestServer(), { excludeTestServices: true })("events after a place", (it) => {
  it.effect("come by pages of any size, each once and in order, of a thread and of the log", () =>
    Effect.gen(function* () {
      const { append, runtime, threadId } = yield* runningThread
      for (let i = 0; i < 150; i++) yield* append(`piece ${i} `)
      yield* runtime.end()
      const log = yield* EventLog
      const ofThread = (yield* logOf(threadId)).map(clientEventText)
      const ofLog = (yield* log.readLog({ afterPosition: 0, limit: 10_000 })).map(loggedEventText)
      for (const limit of [1, 63, 64, 65, ofThread.length, 1_000]) {
        expect(yield* readAll(`/v1/threads/${threadId}/events`, limit)).toEqual(ofThread)
      }
      for (const limit of [7, 1_000]) expect(yield* readAll("/v1/log/events", limit)).toEqual(ofLog)
    })
  )

  it.effect("say how far the thread and the log go, and nothing more when there is nothing more", () =>
    Effect.gen(function* () {
      const { threadId, version } = yield* runningThread
      const log = yield* EventLog
      const head = yield* log.head
      const path = `/v1/threads/${threadId}/events`
      const { logId } = log
      expect((yield* request(`${path}?after=${version()}`)).json).toEqual({
        logId,
        version: version(),
        events: [],
        next: null
      })
      expect((yield* request(`${path}?after=tail&logId=${logId}`)).json).toEqual({
        logId,
        version: version(),
        events: [],
        next: null
      })
      const last = yield* request(`${path}?after=${version() - 1}&limit=1`)
      expect(last.json).toMatchObject({ version: version(), events: [{ version: version() }], next: null })
      expect((yield* request(`${path}?limit=2`)).json).toMatchObject({ version: version(), next: 2 })
      expect((yield* request(`/v1/log/events?after=${head}`)).json).toEqual({
        logId,
        head,
        events: [],
        next: null
      })
      expect((yield* request("/v1/log/events?limit=1")).json).toMatchObject({ head, next: 1 })
    })
  )

  it.effect("fill a page up to its size and no further, however large they are", () =>
    Effect.gen(function* () {
      const threadId = newThreadId()
      yield* request("/v1/commands", { body: createThread(threadId) })
      const text = "x".repeat(60_000)
      for (let i = 0; i < 30; i++) {
        yield* request("/v1/commands", { body: startTurn(threadId, { text }) })
      }
      const path = `/v1/threads/${threadId}/events`
      const first = yield* request(`${path}?limit=1000`)
      expect(Buffer.byteLength(first.text)).toBeGreaterThan(EVENTS_PAGE_BYTES)
      expect(Buffer.byteLength(first.text)).toBeLessThan(EVENTS_PAGE_BYTES + 100_000)
      expect(first.json.next).toBe(first.json.events.at(-1).version)
      expect(yield* readAll(path, 1_000)).toEqual((yield* logOf(threadId)).map(clientEventText))
    })
  )
})

describe("events after N", () => {
  it.live(
    "D3 are in mid-turn what is committed after N, byte for byte what the websocket sends, from every N",
    () =>
      Effect.gen(function* () {
        const { append, threadId, version } = yield* runningThread
        yield* append('text with "quotes", \u2028 and 🧵')
        const client = yield* connectHere()
        for (let after = 0; after <= version(); after++) {
          yield* subscribeTo(client, threadId, { afterVersion: after })
          const frames = framesText(yield* client.until(isCaughtUp))
          yield* client.send({ type: "unsubscribe", id: "s" })
          const page = yield* request(`/v1/threads/${threadId}/events?after=${after}`)
          expect(eventTexts(page.text)).toEqual(frames)
          expect(frames).toEqual((yield* logOf(threadId, after)).map(clientEventText))
        }
        const { head } = yield* EventLog
        for (let after = 0; after <= (yield* head); after++) {
          yield* client.send({
            type: "subscribe",
            id: "log",
            subscription: { to: "log", from: { afterPosition: after } }
          })
          const frames = framesText(yield* client.until(isCaughtUp))
          yield* client.send({ type: "unsubscribe", id: "log" })
          expect(eventTexts((yield* request(`/v1/log/events?after=${after}`)).text)).toEqual(frames)
        }
      }).pipe(Effect.provide(layerTestServer()))
  )

  it.live("D3 are the same bytes on a real database while a turn is written", () =>
    Effect.gen(function* () {
      const threadId = newThreadId()
      yield* request("/v1/commands", { body: createThread(threadId) })
      const client = yield* connectHere()
      yield* subscribeTo(client, threadId, { afterVersion: 0 })
      const start = startTurn(threadId, {
        assistantDeliveryMode: "streaming",
        choice: { runtime: "scripted", options: { script: "stream", deltas: 300, intervalMs: 1 } }
      })
      yield* request("/v1/commands", { body: start })
      const texts: Array<string> = []
      let after = 0
      while (!texts.some((text) => text.startsWith('{"type":"thread.turn-completed"'))) {
        const { json, text } = yield* request(`/v1/threads/${threadId}/events?after=${after}&limit=5`)
        texts.push(...eventTexts(text))
        after = json.events.at(-1)?.version ?? after
      }
      const frames = yield* client.until(
        (frame) =>
          frame.type === "events" && frame.events.some((event) => event.type === "thread.turn-completed")
      )
      expect(texts).toEqual(framesText(frames))
    }).pipe(Effect.provide(layerTestSpillway))
  )
})
