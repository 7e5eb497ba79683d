import { describe, expect, it } from "@effect/vitest"
import {
  type ClientEvent,
  CommandId,
  DeliveryMode,
  type Metadata,
  type Subscription,
  type ThreadId,
  wellFormed
} from "@spillway/contracts"
import { EventLog, ThreadEngine } from "@spillway/orchestration"
import { Effect } from "effect"
import * as fc from "fast-check"
import { createThread, newThreadId, respondTo, startTurn } from "../testing/commands.ts"
import { logOf, origin, runningThread } from "../testing/runningThread.ts"
import { openStream } from "../testing/TestEventStream.ts"
import { connectHere, layerTestServer } from "../testing/TestServer.ts"
import { layerTestSpillway } from "../testing/TestSpillway.ts"
import { clientEventText, loggedEventText } from "./following/eventText.ts"
import { Listener } from "./Listener.ts"

/** A thread, or the log, as each door names it. */
interface Readable {
  readonly path: string
  /** Of its event stream, beside `after`. */
  readonly query: string
  readonly subscription: (after: number) => Subscription
  /** Every event that it holds now, as any door should send it. */
  readonly texts: Effect.Effect<ReadonlyArray<string>, unknown, EventLog>
}

const threadOf = (threadId: ThreadId): Readable => ({
  path: `/v1/threads/${threadId}/events`,
  query: "&live=true",
  subscription: (afterVersion) => ({ to: "thread", threadId, from: { afterVersion } }),
  texts: Effect.map(logOf(threadId), (events) => events.map(clientEventText))
})

const logOfAll: Readable = {
  path: "/v1/log/events",
  query: "",
  subscription: (afterPosition) => ({ to: "log", from: { afterPosition } }),
  texts: Effect.flatMap(EventLog, (log) =>
    Effect.map(log.readLog({ afterPosition: 0, limit: 100_000 }), (events) => events.map(loggedEventText))
  )
}

/** The bytes between the brackets of one HTTP answer. */
const page = Effect.fnUntraced(function* (readable: Readable, after: number) {
  const { address } = yield* Listener
  const text = yield* Effect.promise(async () =>
    (await fetch(`http://${address}${readable.path}?after=${after}&limit=1000`)).text()
  )
  return /"events":\[([\s\S]*)\],"next":null\}$/.exec(text)![1]!
})

/** The bytes of all events of a stream, up to the one at `last`. */
const follow = Effect.fnUntraced(function* (readable: Readable, after: number) {
  const stream = yield* openStream(`${readable.path}?after=${after}${readable.query}`)
  return Effect.fnUntraced(function* (last: number) {
    const messages = yield* stream.until(({ lastEventId }) => Number(lastEventId) >= last)
    return messages
      .filter(({ event }) => event === "message")
      .map(({ data }) => data)
      .join(",")
  })
})

/** The same over the websocket. Frames are taken apart by what surrounds their events, and these are not parsed. */
const subscribe = Effect.fnUntraced(function* (readable: Readable, after: number) {
  const client = yield* connectHere()
  const pieces: Array<string> = []
  client.socket.on("message", (data: Buffer) => {
    const frame = /^\{"type":"events","seq":\d+,"id":"s","events":\[([\s\S]*)\]\}$/.exec(
      data.toString("utf8")
    )
    if (frame !== null) pieces.push(frame[1]!)
  })
  yield* client.send({ type: "subscribe", id: "s", subscription: readable.subscription(after) })
  return Effect.fnUntraced(function* (last: number) {
    for (let through = after; through < last;) {
      const frame = yield* client.next
      if (frame.type === "events") through += frame.events.length
    }
    return pieces.join(",")
  })
})

/** Begins to read after N through every door. The result compares all of it, up to `last`, with what the log holds then. */
const readEverywhere = Effect.fnUntraced(function* (readable: Readable, after: number) {
  const committed = (yield* readable.texts).length
  const atOnce = yield* page(readable, after)
  const [overSse, overWebsocket] = [yield* follow(readable, after), yield* subscribe(readable, after)]
  return Effect.fnUntraced(function* (last: number) {
    const texts = yield* readable.texts
    const upTo = (place: number) => texts.slice(after, place).join(",")
    expect(yield* overSse(last)).toBe(upTo(last))
    expect(yield* overWebsocket(last)).toBe(upTo(last))
    expect(yield* page(readable, after)).toBe(upTo(texts.length))
    // What was committed before it was asked for is there, and perhaps what was meanwhile.
    const held = Array.from({ length: texts.length - committed + 1 }, (_, more) => upTo(committed + more))
    expect(held).toContain(atOnce)
  })
})

type Comparison = Effect.Success<ReturnType<typeof readEverywhere>>

const upTo = (place: number) => Array.from({ length: place + 1 }, (_, after) => after)

describe("events after N", () => {
  for (const mode of DeliveryMode.literals) {
    it.live(
      `D3 are the same bytes by HTTP, SSE and websocket, for every N of thread and log, in mid-turn in ${mode}`,
      () =>
        Effect.gen(function* () {
          const engine = yield* ThreadEngine
          const log = yield* EventLog
          const threadId = newThreadId()
          const thread = threadOf(threadId)
          yield* engine.dispatch(origin, createThread(threadId))
          const watch = yield* openStream(thread.path)
          const options = { script: "approval", intervalMs: 3, deltaSize: 5 }
          const choice = { runtime: "scripted", options }
          yield* engine.dispatch(origin, startTurn(threadId, { assistantDeliveryMode: mode, choice }))
          const ofThread: Array<Comparison> = []
          const ofLog: Array<Comparison> = []
          const begun = new Set<number>()
          const readAllFrom = Effect.fnUntraced(function* (places: ReadonlyArray<number>) {
            for (const after of places) {
              begun.add(after)
              ofThread.push(yield* readEverywhere(thread, after))
              ofLog.push(yield* readEverywhere(logOfAll, after))
            }
          })

          // While it runs, from where it is; while it waits for an answer, from everywhere; and on while it runs.
          let requestId: string | undefined
          let last = 0
          for (let isOver = false; !isOver;) {
            const { data, event, lastEventId } = yield* watch.next
            last = Number(lastEventId)
            if (event !== "message") continue
            const happened = JSON.parse(data) as ClientEvent
            isOver = happened.type === "thread.turn-completed"
            if (happened.type === "thread.request-opened") {
              requestId = happened.data.requestId
              yield* readAllFrom(upTo(last))
              yield* engine.dispatch(origin, respondTo(threadId, requestId))
            } else yield* readAllFrom([last])
          }
          expect(requestId).toBeDefined()
          expect([...begun].toSorted((a, b) => a - b)).toEqual(upTo(last))
          for (const compare of ofThread) yield* compare(last)
          const head = yield* log.head
          for (const compare of ofLog) yield* compare(head)
        }).pipe(Effect.scoped, Effect.provide(layerTestSpillway))
    )
  }

  it.live("D3 are the same bytes whatever is in them, whenever one begins to read, and wherever", () => {
    const text = fc.string({ unit: "binary", maxLength: 60 })
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ type: fc.constant("append" as const), text }) },
      { weight: 2, arbitrary: fc.record({ type: fc.constant("say" as const), text }) },
      {
        weight: 3,
        arbitrary: fc.record({ type: fc.constant("read" as const), of: fc.boolean(), at: fc.nat(100) })
      }
    )
    const story = fc.record({
      metadata: fc
        .dictionary(text, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 })
        .map((value) => value as Metadata),
      title: text,
      steps: fc.array(step, { minLength: 4, maxLength: 24 })
    })
    return Effect.gen(function* () {
      const engine = yield* ThreadEngine
      const log = yield* EventLog
      for (const { metadata, steps, title } of fc.sample(story, { numRuns: 40, seed: 3 })) {
        const { append, live, runtime, threadId } = yield* runningThread
        const commandId = CommandId.make(`update-${threadId}`)
        yield* engine.dispatch(origin, { type: "thread.update", commandId, threadId, title, metadata })
        const thread = threadOf(threadId)
        const readings: Array<readonly [Readable, Comparison]> = []
        yield* Effect.gen(function* () {
          for (const step of steps) {
            if (step.type === "append") yield* append(wellFormed(step.text))
            else if (step.type === "say") live.say(step.text)
            else {
              const readable = step.of ? thread : logOfAll
              const after = step.at % ((yield* readable.texts).length + 1)
              readings.push([readable, yield* readEverywhere(readable, after)])
            }
          }
          const last = yield* runtime.end()
          const head = yield* log.head
          for (const [readable, compare] of readings) yield* compare(readable === thread ? last : head)
        }).pipe(Effect.scoped)
      }
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  })
})
