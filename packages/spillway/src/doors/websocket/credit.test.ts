import { describe, expect, it } from "@effect/vitest"
import { CloseCode, type ServerFrame, type ThreadId } from "@spillway/contracts"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { round } from "../../testing/heldBytes.ts"
import { eventsOf, isCaughtUp, logOf, runningThread, subscribeTo } from "../../testing/runningThread.ts"
import type { TestClient } from "../../testing/TestClient.ts"
import { connectHere, layerTestServer } from "../../testing/TestServer.ts"

const CREDIT_EVENTS = 512
const CREDIT_BYTES = 256 * 1024

/** A client that acks nothing by itself, and the thread that it follows. */
const followUnacked = Effect.fnUntraced(function* (
  threadId: ThreadId,
  from: Parameters<typeof subscribeTo>[2]
) {
  const client = yield* connectHere({ acks: false })
  yield* subscribeTo(client, threadId, from)
  return client
})

/** Takes frames that were not acked until `enough`; then whatever still comes before two pings are answered. */
const takeUnacked = Effect.fnUntraced(function* (
  client: TestClient,
  enough: (frames: ReadonlyArray<ServerFrame>) => boolean
) {
  const taken: Array<ServerFrame> = []
  while (!enough(taken)) taken.push(yield* client.next)
  for (const _ of [1, 2]) {
    yield* client.send({ type: "ping" })
    taken.push(...(yield* client.until((frame) => frame.type === "pong")))
  }
  return taken.filter((frame) => frame.type !== "pong")
})

const seqOf = (frames: ReadonlyArray<ServerFrame>) =>
  Math.max(...frames.map((frame) => ("seq" in frame ? frame.seq : 0)))

/** Acks what was taken and takes on, frame by frame, until the thread's `version` has come. */
const takeAcked = Effect.fnUntraced(function* (
  client: TestClient,
  taken: ReadonlyArray<ServerFrame>,
  version: number
) {
  const all = [...taken]
  while ((eventsOf(all).at(-1)?.version ?? 0) < version) {
    yield* client.send({ type: "ack", seq: seqOf(all) })
    all.push(yield* client.next)
  }
  return all
})

const versions = (frames: ReadonlyArray<ServerFrame>) => eventsOf(frames).map((event) => event.version)
const bytes = (frames: ReadonlyArray<ServerFrame>) =>
  frames.reduce((sum, frame) => sum + ("seq" in frame ? Buffer.byteLength(JSON.stringify(frame)) : 0), 0)
const upTo = (version: number) => Array.from({ length: version }, (_, i) => i + 1)

describe("credit", () => {
  it.live(
    "a client that does not ack is sent 512 events and no more, then all the rest once it does, each once",
    () =>
      Effect.gen(function* () {
        const { append, threadId, version } = yield* runningThread
        const client = yield* followUnacked(threadId, { afterVersion: 0 })
        const history = yield* client.until(isCaughtUp)
        yield* Effect.replicateEffect(append("x"), 2_000, { discard: true })
        const isFull = (frames: ReadonlyArray<ServerFrame>) =>
          versions([...history, ...frames]).length >= CREDIT_EVENTS
        const unacked = [...history, ...(yield* takeUnacked(client, isFull))]
        expect(versions(unacked)).toEqual(upTo(CREDIT_EVENTS))
        // An ack of what was never sent frees nothing.
        yield* client.send({ type: "ack", seq: 1_000_000 })
        expect(yield* takeUnacked(client, () => true)).toEqual([])
        expect(versions(yield* takeAcked(client, unacked, version()))).toEqual(upTo(version()))
      }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live(
    "un-acked bytes stay within 256 KiB and one frame, of history and of what is committed meanwhile",
    () =>
      Effect.gen(function* () {
        const { append, threadId, version } = yield* runningThread
        const large = append("x".repeat(40_000))
        yield* Effect.replicateEffect(large, 20, { discard: true })
        const client = yield* followUnacked(threadId, { afterVersion: 0 })
        const unacked = yield* takeUnacked(client, (frames) => bytes(frames) >= CREDIT_BYTES)
        expect(bytes(unacked)).toBeLessThan(CREDIT_BYTES + 70_000)
        yield* Effect.replicateEffect(large, 20, { discard: true })
        const all = yield* takeAcked(
          client,
          [...unacked, ...(yield* takeUnacked(client, () => true))],
          version()
        )
        expect(versions(all)).toEqual(upTo(version()))
      }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live(
    "there is always room for one frame: a snapshot larger than the credit comes, and what follows it once acked",
    () =>
      Effect.gen(function* () {
        const { append, threadId, version } = yield* runningThread
        yield* Effect.replicateEffect(append("x".repeat(40_000)), 10, { discard: true })
        const client = yield* followUnacked(threadId, "snapshot")
        const snapshot = yield* client.expect("snapshot")
        expect(bytes([snapshot])).toBeGreaterThan(CREDIT_BYTES)
        yield* append("more")
        expect(versions(yield* takeUnacked(client, () => true))).toEqual([])
        yield* client.send({ type: "ack", seq: snapshot.seq })
        const frames = yield* client.until((frame) => frame.type === "events")
        expect(versions(frames)).toEqual([version()])
      }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live("without room live frames are left out; with room again the first is the whole tail", () =>
    Effect.gen(function* () {
      const { append, live, threadId, version } = yield* runningThread
      const client = yield* followUnacked(threadId, { afterVersion: version() })
      yield* client.expect("caught-up")
      live.say("seen ")
      expect((yield* client.expect("live")).frames).toMatchObject([{ offset: 0, text: "seen " }])
      yield* append("seen ")
      live.flushed()
      yield* Effect.replicateEffect(append("x"), CREDIT_EVENTS, { discard: true })
      const full = yield* takeUnacked(client, (frames) => versions(frames).length >= CREDIT_EVENTS)
      live.say("left ")
      live.say("out")
      const meanwhile = yield* takeUnacked(client, () => true)
      expect(meanwhile.map((frame) => frame.type)).toEqual([])
      yield* client.send({ type: "ack", seq: seqOf(full) })
      const rest = yield* client.until((frame) => frame.type === "live")
      expect(rest.at(-1)).toMatchObject({ frames: [{ offset: 5, text: "left out" }] })
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live("one subscription of a socket that is behind does not keep another from its share", () =>
    Effect.gen(function* () {
      const long = yield* runningThread
      const short = yield* runningThread
      yield* Effect.replicateEffect(long.append("x"), 1_000, { discard: true })
      const client = yield* connectHere()
      for (const [id, { threadId }] of Object.entries({ long, short })) {
        yield* client.send({
          type: "subscribe",
          id,
          subscription: { to: "thread", threadId, from: { afterVersion: 0 } }
        })
      }
      const ends: Array<string> = []
      while (ends.length < 2) {
        const frame = yield* client.next
        if (frame.type === "caught-up") ends.push(frame.id)
      }
      expect(ends).toEqual(["short", "long"])
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.effect(
    "30 seconds without an ack, with something waiting, close the socket with 4408 and where to resume",
    () =>
      Effect.gen(function* () {
        const { append, threadId, version } = yield* runningThread
        const client = yield* followUnacked(threadId, { afterVersion: 0 })
        const history = yield* client.until(isCaughtUp)
        yield* client.send({ type: "ack", seq: seqOf(history) })
        const acked = version()
        yield* Effect.replicateEffect(append("x"), 600, { discard: true })
        yield* takeUnacked(client, (frames) => versions(frames).length >= CREDIT_EVENTS)
        yield* TestClock.adjust("29 seconds")
        yield* takeUnacked(client, () => true)
        yield* TestClock.adjust("2 seconds")
        const last = (yield* client.until((frame) => frame.type === "error")).at(-1)
        expect(last).toMatchObject({ code: "stalled", retryable: true, resumeAfter: { s: acked } })
        const { code, reason } = yield* client.closed
        expect(code).toBe(CloseCode.stalled)
        expect(JSON.parse(reason)).toEqual({ resumeAfter: { s: acked } })

        const again = yield* connectHere()
        yield* subscribeTo(again, threadId, { afterVersion: acked })
        const resumed = yield* again.until((frame) => eventsOf([frame]).at(-1)?.version === version())
        expect(versions(resumed)).toEqual((yield* logOf(threadId, acked)).map((event) => event.version))
      }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.effect("a client that has everything may stay silent; one that acks now and then is not stalled", () =>
    Effect.gen(function* () {
      const { append, threadId } = yield* runningThread
      const idle = yield* connectHere({ acks: false })
      yield* subscribeTo(idle, threadId, { afterVersion: 0 })
      yield* idle.until(isCaughtUp)
      const slow = yield* connectHere({ acks: false })
      yield* subscribeTo(slow, threadId, { afterVersion: 0 })
      let taken: ReadonlyArray<ServerFrame> = yield* slow.until(isCaughtUp)
      yield* idle.send({ type: "unsubscribe", id: "s" })
      yield* Effect.replicateEffect(append("x"), 1_200, { discard: true })
      for (let i = 0; i < 3; i++) {
        yield* TestClock.adjust("25 seconds")
        yield* slow.send({ type: "ack", seq: seqOf(taken) })
        taken = [...taken, ...(yield* takeUnacked(slow, (frames) => frames.length > 0))]
      }
      yield* takeUnacked(idle, () => true)
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )
})

describe("signs of life", () => {
  it.effect("a ping goes out every 20 seconds, as a frame and as one of the websocket's own", () =>
    Effect.gen(function* () {
      const client = yield* connectHere()
      const pings = Effect.callback<ReadonlyArray<string>>((resume) => {
        const kinds: Array<string> = []
        const heard = (kind: string) => kinds.push(kind) === 2 && resume(Effect.succeed(kinds.toSorted()))
        client.socket.on("ping", () => heard("websocket"))
        client.socket.on(
          "message",
          (data: Buffer) => (JSON.parse(data.toString()) as ServerFrame).type === "ping" && heard("frame")
        )
      })
      const heard = yield* Effect.forkChild(pings, { startImmediately: true })
      yield* TestClock.adjust("21 seconds")
      expect(yield* Fiber.join(heard)).toEqual(["frame", "websocket"])
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.effect("a socket from which nothing at all comes for a minute is closed", () =>
    Effect.gen(function* () {
      const dead = yield* connectHere({ pongs: false })
      const alive = yield* connectHere()
      for (let i = 0; i < 70; i++) {
        yield* TestClock.adjust("1 second")
        yield* alive.send({ type: "ping" })
        yield* alive.until((frame) => frame.type === "pong")
      }
      expect((yield* dead.closed).code).toBe(1006)
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.effect("E6 a socket whose frame is not whole after a minute is closed, whatever it says beside it", () =>
    Effect.gen(function* () {
      const endless = yield* connectHere()
      endless.socket.send("x".repeat(400_000), { fin: false })
      for (let i = 0; i < 100; i++) yield* round
      for (let i = 0; i < 70; i++) {
        yield* Effect.sync(() => endless.socket.ping())
        yield* TestClock.adjust("1 second")
        yield* round
      }
      expect((yield* endless.closed).code).toBe(1006)
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.effect("a socket that does not say hello is closed after 10 seconds", () =>
    Effect.gen(function* () {
      const client = yield* connectHere({ hello: false })
      yield* TestClock.adjust("12 seconds")
      expect((yield* client.expect("error")).code).toBe("hello-expected")
      expect((yield* client.closed).code).toBe(CloseCode.helloExpected)
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )
})
