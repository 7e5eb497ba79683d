import { describe, expect, it } from "@effect/vitest"
import type { ServerFrame } from "@spillway/contracts"
import { ReadModels, ThreadEngine } from "@spillway/orchestration"
import { Effect, Latch, Layer } from "effect"
import { createThread, newThreadId } from "../../testing/commands.ts"
import * as FoldedReadModels from "../../testing/FoldedReadModels.ts"
import { eventsOf, loggedEventsOf, origin, runningThread } from "../../testing/runningThread.ts"
import { connectHere, layerTestServer } from "../../testing/TestServer.ts"

describe("a subscription to the log", () => {
  it.live("brings every thread's events in order, from the tail or after a position", () =>
    Effect.gen(function* () {
      const one = yield* runningThread
      const client = yield* connectHere()
      yield* client.send({ type: "subscribe", id: "tail", subscription: { to: "log", from: "tail" } })
      expect(yield* client.expect("caught-up")).toMatchObject({ version: one.version() })
      const two = yield* runningThread
      const frames = yield* client.until((frame) =>
        eventsOf([frame]).some((event) => event.version === two.version())
      )
      const positions = loggedEventsOf(frames).map((event) => event.position)
      expect(positions).toEqual(positions.map((_, i) => one.version() + 1 + i))
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live("with a cursor ahead of it is told so, and starts over", () =>
    Effect.gen(function* () {
      yield* runningThread
      const client = yield* connectHere()
      yield* client.send({
        type: "subscribe",
        id: "s",
        subscription: { to: "log", from: { afterPosition: 1_000 } }
      })
      expect(yield* client.expect("error")).toMatchObject({ code: "cursor-invalid", id: "s" })
      const [first] = loggedEventsOf([yield* client.expect("events")])
      expect(first?.position).toBe(1)
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )
})

describe("a subscription to the list of threads", () => {
  it.live("brings a snapshot, then the summaries that change", () =>
    Effect.gen(function* () {
      const one = yield* runningThread
      const client = yield* connectHere()
      yield* client.send({ type: "subscribe", id: "s", subscription: { to: "threads" } })
      expect((yield* client.expect("snapshot")).threads).toMatchObject([
        { threadId: one.threadId, activity: "working" }
      ])
      expect(yield* client.expect("caught-up")).toMatchObject({ version: 0 })
      yield* one.runtime.end()
      const idle = (frame: ServerFrame) =>
        frame.type === "threads" &&
        frame.threads.some((thread) => thread.threadId === one.threadId && thread.activity === "idle")
      yield* client.until(idle)
      const engine = yield* ThreadEngine
      const other = newThreadId()
      yield* engine.dispatch(origin, createThread(other))
      yield* client.until(
        (frame) => frame.type === "threads" && frame.threads.some((thread) => thread.threadId === other)
      )
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live("lacks nothing that was committed before it began, also where the read models are behind", () =>
    Effect.gen(function* () {
      const haveCaughtUp = yield* Latch.make(false)
      const behind = Layer.effect(
        ReadModels,
        Effect.map(ReadModels, (folded) =>
          ReadModels.of({
            ...folded,
            waitFor: () => haveCaughtUp.await,
            threads: (tenant) =>
              Effect.suspend(() => (haveCaughtUp.isOpen() ? folded.threads(tenant) : Effect.succeed([])))
          })
        )
      ).pipe(Layer.provide(FoldedReadModels.layer))
      yield* Effect.gen(function* () {
        const { threadId } = yield* runningThread
        const client = yield* connectHere()
        yield* client.send({ type: "subscribe", id: "s", subscription: { to: "threads" } })
        expect((yield* client.expect("snapshot")).threads).toEqual([])
        yield* client.expect("caught-up")
        yield* haveCaughtUp.open
        expect((yield* client.expect("snapshot")).threads).toMatchObject([{ threadId }])
      }).pipe(Effect.scoped, Effect.provide(layerTestServer({}, behind)))
    })
  )
})
