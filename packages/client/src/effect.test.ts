import { describe, expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Layer, Redacted, Stream } from "effect"
import { Doors, Listener } from "spillway/effect"
import { layerTestServer, layerTestSpillway } from "spillway/testing"
import { CommandFailed, CommandRejected, Disconnected, SpillwayClient } from "./effect.ts"

const connectTo = (options: { readonly token?: string } = {}) =>
  Layer.unwrap(
    Effect.map(Listener, ({ address }) => SpillwayClient.layer({ url: `http://${address}`, ...options }))
  )

const layer = Layer.provideMerge(connectTo(), layerTestSpillway)

const hello = { mode: "streaming", choice: { runtime: "scripted", options: { script: "text" } } } as const

describe("the client as a service of Effect", () => {
  it.live("sends, follows and waits; a command succeeds after its commit", () =>
    Effect.gen(function* () {
      const client = yield* SpillwayClient
      const thread = client.thread()
      const following = yield* thread.states.pipe(
        Stream.takeUntil(({ view }) => view.turns[0]?.status === "completed"),
        Stream.runCollect,
        Effect.forkScoped({ startImmediately: true })
      )
      const { turnId, version } = yield* thread.send("Hello", hello)
      expect(version).toBeGreaterThan(1)
      expect((yield* thread.ended(turnId)).status).toBe("completed")
      const states = yield* Fiber.join(following)
      expect(states[0]!.view.version).toBe(0)
      expect(states.at(-1)!.view).toEqual((yield* thread.state).view)

      yield* thread.update({ title: "Named" })
      const list = yield* client.threads.pipe(
        Stream.filter(({ threads }) => threads.some(({ title }) => title === "Named")),
        Stream.runHead
      )
      expect(list).toMatchObject({ value: { threads: [{ threadId: thread.id }] } })
      expect(yield* thread.loadOlder()).toBe(false)
    }).pipe(Effect.scoped, Effect.provide(layer))
  )

  it.live("fails with values that say what went wrong", () =>
    Effect.gen(function* () {
      const client = yield* SpillwayClient
      const thread = client.thread()
      yield* thread.create({ title: "One" })
      expect(yield* Effect.flip(thread.create())).toEqual(
        new CommandRejected({
          code: "ThreadAlreadyExists",
          message: `Thread ${thread.id} exists already. Use it, or choose another id.`
        })
      )
      expect(yield* Effect.flip(thread.interrupt())).toBeInstanceOf(CommandFailed)
      const caught = yield* thread
        .send("x".repeat(80_001))
        .pipe(Effect.catchTag("CommandFailed", ({ code }) => Effect.succeed(code)))
      expect(caught).toBe("text-too-long")
    }).pipe(Effect.provide(layer))
  )

  it.live("tells whoever follows that it is not let in", () =>
    Effect.gen(function* () {
      const client = yield* SpillwayClient
      const thread = client.thread("t1")
      const exit = yield* Effect.exit(Stream.runDrain(thread.states))
      const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
      expect(error).toBeInstanceOf(Disconnected)
      expect(error).toMatchObject({
        code: "unauthorized",
        message: expect.stringContaining("SPILLWAY_TOKEN")
      })
      expect(yield* Effect.flip(thread.until(() => false))).toBeInstanceOf(Disconnected)
    }).pipe(
      Effect.provide(
        connectTo({ token: "wrong" }).pipe(
          Layer.provideMerge(layerTestServer({ token: Redacted.make("right") }))
        )
      )
    )
  )

  it.live("closes its connection with its scope", () =>
    Effect.gen(function* () {
      const doors = yield* Doors
      const statuses = yield* Effect.scoped(
        Effect.gen(function* () {
          const client = yield* SpillwayClient
          yield* client.thread("t1").until(({ status }) => status === "absent")
          expect(doors.connections()).toBe(1)
          return client.connection
        }).pipe(Effect.provide(connectTo()))
      )
      expect(yield* Stream.runCollect(statuses)).toEqual([{ state: "closed" }])
    }).pipe(Effect.provide(layerTestServer()))
  )
})
