import { describe, expect, it } from "@effect/vitest"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { emptyThreadView, foldThread } from "@spillway/contracts"
import { streamedText } from "@spillway/provider-runtimes"
import { Effect } from "effect"
import { layerServer, layerTestSpillway, logOf, openStream } from "spillway/testing"
import type { SendOptions, Thread, ThreadState } from "./index.ts"
import { eventTextsIn, tcpClient } from "./testing/tcpClient.ts"
import { WatchedThread } from "./testing/WatchedThread.ts"

const script = (name: string, options: object = {}): SendOptions => ({
  mode: "streaming",
  choice: { runtime: "scripted", options: { script: name, ...options } }
})

/** Goes on until it is interrupted. */
const deltas = { deltas: 50_000, deltaSize: 16, intervalMs: 2 }
const stream = script("stream", deltas)
const streamed = streamedText(deltas)

const answerIn = ({ messages }: Pick<ThreadState, "messages">) =>
  messages.findLast(({ role }) => role === "assistant")
const textIn = (state: Pick<ThreadState, "messages">) =>
  (answerIn(state)?.parts ?? []).map((part) => (part.type === "tool-call" ? "" : part.text)).join("")

/** Stops what runs; the turn as it ended. */
const stop = (thread: Thread, turnId: string) =>
  Effect.promise(() => {
    thread.interrupt(turnId)
    return thread.ended(turnId)
  })

const isWriting = (state: ThreadState) => textIn(state).length > 200 && state.view.activeTurnId !== null
const isWaiting = ({ requests }: ThreadState) => requests.length > 0

const foldOf = (threadId: Parameters<typeof logOf>[0]) =>
  Effect.map(logOf(threadId), (events) => foldThread(emptyThreadView(threadId), events))

describe("a client of a real server", () => {
  it.live("A4 that is cut in mid-answer shows no word twice, and none that was not written", () =>
    Effect.gen(function* () {
      const { client, cut } = yield* tcpClient
      const thread = client.thread()
      const watched = new WatchedThread(thread)
      const { turnId } = thread.send("Go on.", stream)
      for (const length of [200, 700, 1_400]) {
        yield* Effect.promise(() => thread.until((state) => textIn(state).length > length))
        const before = textIn(thread.state)
        cut()
        // What was there stays there.
        yield* Effect.promise(() => thread.until(({ status }) => status === "behind"))
        expect(textIn(thread.state)).toBe(before)
        yield* Effect.promise(() => thread.until(({ status }) => status === "live"))
      }
      yield* stop(thread, turnId)
      expect(streamed.startsWith(textIn(thread.state))).toBe(true)
      watched.compare(thread.view)
      expect(watched.wrong).toEqual([])
      expect(thread.view).toEqual(yield* foldOf(thread.id))
    }).pipe(Effect.scoped, Effect.provide(layerTestSpillway))
  )

  it.live("A5 that leaves, reloads or sleeps does not stop the turn", () =>
    Effect.gen(function* () {
      const leaving = yield* tcpClient
      const id = leaving.client.thread().id
      const { turnId } = leaving.client.thread(id).send("Go on.", stream)
      yield* Effect.promise(() => leaving.client.thread(id).until(isWriting))
      leaving.client.close()

      const sleeping = yield* tcpClient
      const asleep = sleeping.client.thread(id)
      asleep.subscribe(() => {})
      yield* Effect.promise(() => asleep.until(isWriting))
      sleeping.socket().pause()

      const length = textIn(asleep.state).length
      const reloaded = (yield* tcpClient).client.thread(id)
      yield* Effect.promise(() => reloaded.until((state) => textIn(state).length > length + 500))
      expect(reloaded.view.activeTurnId).toBe(turnId)
      yield* stop(reloaded, turnId)
      expect(streamed.startsWith(textIn(reloaded.state))).toBe(true)
      expect(asleep.view.activeTurnId).toBe(turnId)
      sleeping.socket().resume()
      yield* Effect.promise(() => asleep.ended(turnId))
      expect(asleep.view).toEqual(reloaded.view)
    }).pipe(Effect.scoped, Effect.provide(layerTestSpillway))
  )

  it.live("A6 that comes late to a running answer sees the text so far, then the rest", () =>
    Effect.gen(function* () {
      const early = (yield* tcpClient).client.thread()
      const { turnId } = early.send("Go on.", stream)
      yield* Effect.promise(() => early.until(isWriting))
      const soFar = textIn(early.state)
      const late = (yield* tcpClient).client.thread(early.id)
      const watched = new WatchedThread(late)
      const first = yield* Effect.promise(() => late.until((state) => textIn(state).length >= soFar.length))
      expect(textIn(first).startsWith(soFar)).toBe(true)
      expect(streamed.startsWith(textIn(first))).toBe(true)
      expect(first.view.activeTurnId).toBe(turnId)
      yield* Effect.promise(() => late.until((state) => textIn(state).length > soFar.length + 500))
      yield* stop(late, turnId)
      watched.compare(late.view)
      expect(late.view).toEqual(yield* foldOf(late.id))
      expect(watched.wrong).toEqual([])
    }).pipe(Effect.scoped, Effect.provide(layerTestSpillway))
  )

  it.live("A9 sees an error again after a cut and after a reload", () =>
    Effect.gen(function* () {
      const { client, cut } = yield* tcpClient
      const thread = client.thread()
      thread.subscribe(() => {})
      const { turnId } = thread.send("Try.", script("error"))
      const failed = yield* Effect.promise(() => thread.ended(turnId))
      expect(failed).toMatchObject({ status: "failed", error: { code: "ProviderOverloaded" } })
      expect(answerIn(thread.state)).toMatchObject({ status: "error", error: { code: "ProviderOverloaded" } })
      cut()
      yield* Effect.promise(() => thread.until(({ status }) => status === "behind"))
      yield* Effect.promise(() => thread.until(({ status }) => status === "live"))
      expect(thread.view.turns).toEqual([failed])
      const reloaded = (yield* tcpClient).client.thread(thread.id)
      expect(yield* Effect.promise(() => reloaded.ended(turnId))).toEqual(failed)
      expect(answerIn(reloaded.state)).toEqual(answerIn(thread.state))
    }).pipe(Effect.scoped, Effect.provide(layerTestSpillway))
  )

  it.live(
    "A12 answers a question that parks the turn: the first answer wins, and the second is told so",
    () =>
      Effect.gen(function* () {
        const one = (yield* tcpClient).client.thread()
        const { turnId } = one.send("Open it.", script("approval"))
        const other = (yield* tcpClient).client.thread(one.id)
        const [{ requests }] = yield* Effect.promise(() =>
          Promise.all([one.until(isWaiting), other.until(isWaiting)])
        )
        const { requestId } = requests[0]!
        const answers = [
          one.respond(requestId, { type: "approval", decision: "approve" }),
          other.respond(requestId, { type: "approval", decision: "deny" })
        ]
        const settled = yield* Effect.promise(() =>
          Promise.allSettled(answers.map(({ accepted }) => accepted))
        )
        const lost = settled.findIndex(({ status }) => status === "rejected")
        expect(settled.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"])
        expect(settled[lost]).toMatchObject({ reason: { code: "RequestAlreadyResolved" } })
        yield* Effect.promise(() => Promise.all([one.ended(turnId), other.ended(turnId)]))
        expect([one, other][lost]!.state.pending).toMatchObject([
          { status: "rejected", reason: { code: "RequestAlreadyResolved" } }
        ])
        expect([one, other][1 - lost]!.state.pending).toEqual([])
        const decision = lost === 1 ? "approve" : "deny"
        expect(one.view.turns[0]!.requests).toMatchObject([{ status: "resolved", response: { decision } }])
        expect(other.view).toEqual(one.view)
      }).pipe(Effect.scoped, Effect.provide(layerTestSpillway))
  )

  it.live("A12 answers a question that was asked before the server was started again", () =>
    Effect.gen(function* () {
      const id = yield* Effect.gen(function* () {
        const thread = (yield* tcpClient).client.thread()
        thread.send("Open it.", { ...script("approval"), turnId: "t1" })
        yield* Effect.promise(() => thread.until(isWaiting))
        return thread.id
      }).pipe(Effect.scoped, Effect.provide(layerServer))
      yield* Effect.gen(function* () {
        const thread = (yield* tcpClient).client.thread(id)
        const { requests } = yield* Effect.promise(() => thread.until(isWaiting))
        thread.respond(requests[0]!.requestId, { type: "approval", decision: "approve" })
        expect((yield* Effect.promise(() => thread.ended("t1"))).status).toBe("completed")
        expect(textIn(thread.state)).toContain("Gate 2 is open")
      }).pipe(Effect.scoped, Effect.provide(layerServer))
    }).pipe(Effect.provide(TestDatabase.layer))
  )

  it.live("A13 shows a send at once, and the reason where it is rejected, also through a cut", () =>
    Effect.gen(function* () {
      const { client, cut } = yield* tcpClient
      const thread = client.thread()
      const watched = new WatchedThread(thread)
      const sent = thread.send("Go on.", stream)
      watched.sent(sent, true)
      expect(thread.state).toMatchObject({
        messages: [{ messageId: sent.messageId }],
        pending: [{ status: "sending" }]
      })
      const { version } = yield* Effect.promise(() => sent.accepted)
      yield* Effect.promise(() => thread.until(({ view }) => view.version >= version))
      expect(thread.state.pending).toEqual([])

      const refused = thread.send("Me too.", { ifBusy: "reject" })
      watched.sent(refused, true)
      cut()
      const error = yield* Effect.promise(() => refused.accepted.catch((error: unknown) => error))
      expect(error).toMatchObject({ _tag: "CommandRejected", code: "TurnAlreadyActive" })
      expect(thread.state.pending).toMatchObject([
        { status: "rejected", reason: { code: "TurnAlreadyActive" } }
      ])
      expect(thread.state.messages.at(-1)!.messageId).toBe(refused.messageId)

      yield* stop(thread, sent.turnId)
      const again = thread.retry(refused.turnId)
      yield* Effect.promise(() => again.accepted)
      yield* Effect.promise(() => thread.ended(refused.turnId))
      expect(thread.state.pending).toEqual([])
      expect(watched.wrong).toEqual([])
      expect(thread.view).toEqual(yield* foldOf(thread.id))
    }).pipe(Effect.scoped, Effect.provide(layerTestSpillway))
  )

  it.live("A14 shows every message and part under one id, from its first sign to its last", () =>
    Effect.gen(function* () {
      const { client, cut } = yield* tcpClient
      const thread = client.thread()
      const idsIn = ({ messages }: ThreadState) =>
        messages.flatMap(({ messageId, parts }) => [
          messageId,
          ...parts.map(({ partId }) => `${messageId} ${partId}`)
        ])
      const seen = new Set<string>()
      thread.subscribe(() => {
        for (const id of idsIn(thread.state)) seen.add(id)
      })
      for (const name of ["reasoning", "tools", "stream"]) {
        const options = name === "stream" ? script(name, { deltas: 40, intervalMs: 2 }) : script(name)
        const { turnId } = thread.send(name, options)
        yield* Effect.promise(() => thread.until((state) => textIn(state) !== ""))
        cut()
        yield* Effect.promise(() => thread.ended(turnId))
      }
      expect([...seen].sort()).toEqual([...idsIn(thread.state)].sort())
    }).pipe(Effect.scoped, Effect.provide(layerTestSpillway))
  )

  it.live(
    "D3 goes on in mid-turn after what it has: HTTP, event stream and websocket give the same bytes",
    () =>
      Effect.gen(function* () {
        const { address, client, cut, told } = yield* tcpClient
        const thread = client.thread()
        const { turnId } = thread.send("Go on.", stream)
        // In mid-turn, and far enough for a part of the text to be in the log.
        yield* Effect.promise(() => thread.until(({ view }) => isWriting(thread.state) && view.version > 7))
        cut()
        yield* Effect.promise(() => thread.until(({ status }) => status === "behind"))
        const after = thread.view.version
        yield* Effect.promise(() => thread.until(({ status }) => status === "live"))
        const overHttp = Effect.promise(async () => {
          const answer = await fetch(
            `http://${address}/v1/threads/${thread.id}/events?after=${after}&limit=1000`
          )
          const { events } = (await answer.json()) as { events: ReadonlyArray<unknown> }
          return events.map((event) => JSON.stringify(event))
        })
        yield* Effect.promise(() => thread.until(({ view }) => view.version > after + 1))
        const inMidTurn = yield* overHttp
        expect(thread.view.activeTurnId).toBe(turnId)
        yield* stop(thread, turnId)

        const { version } = thread.view
        const websocket = eventTextsIn(told.at(-1)!)
        const http = yield* overHttp
        const events = yield* openStream(`/v1/threads/${thread.id}/events`, {
          headers: { accept: "text/event-stream", "last-event-id": String(after) }
        })
        const messages = yield* events.until(({ event }) => event === "caught-up")
        const sse = messages.filter(({ event }) => event === "message").map(({ data }) => data)
        expect(websocket).toHaveLength(version - after)
        expect(websocket.length).toBeGreaterThan(3)
        expect(http).toEqual(websocket)
        expect(sse).toEqual(websocket)
        expect(inMidTurn.length).toBeGreaterThan(1)
        expect(inMidTurn).toEqual(websocket.slice(0, inMidTurn.length))
      }).pipe(Effect.scoped, Effect.provide(layerTestSpillway))
  )

  it.live("shows the last 50 turns, and reads the ones before them over HTTP", () =>
    Effect.gen(function* () {
      const writer = (yield* tcpClient).client.thread()
      let last = ""
      for (let i = 0; i < 57; i++) last = writer.send(`${i}`, { ...script("text"), mode: "buffered" }).turnId
      yield* Effect.promise(() => writer.ended(last))
      const reader = (yield* tcpClient).client.thread(writer.id)
      const { hasOlder, view } = yield* Effect.promise(() => reader.until(({ status }) => status === "live"))
      expect([view.turns.length, hasOlder]).toEqual([50, true])
      expect(yield* Effect.promise(() => reader.loadOlder(5))).toBe(true)
      expect([reader.view.turns.length, reader.state.hasOlder]).toEqual([55, true])
      expect(yield* Effect.promise(() => reader.loadOlder())).toBe(true)
      expect(reader.state.hasOlder).toBe(false)
      expect(reader.view).toEqual(yield* foldOf(writer.id))
      expect(reader.state.messages).toHaveLength(114)
    }).pipe(Effect.scoped, Effect.provide(layerTestSpillway))
  )
})
