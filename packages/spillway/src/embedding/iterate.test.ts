import { describe, expect, it } from "@effect/vitest"
import { DEFAULT_TENANT } from "@spillway/contracts"
import { ThreadEngine } from "@spillway/orchestration"
import { LiveLane } from "@spillway/runtime-ingestion"
import { Context, Effect, Scope } from "effect"
import { ThreadHub } from "../doors/following/ThreadHub.ts"
import { createThread, newThreadId } from "../testing/commands.ts"
import { layerTestServer } from "../testing/TestServer.ts"
import type { EmbeddedProcess, Services } from "./EmbeddedProcess.ts"
import { errorOf } from "./errorOf.ts"
import { followLog } from "./followLog.ts"
import { iterate } from "./iterate.ts"
import { rejection } from "./testing/embedded.ts"
import { followEvents, followView } from "./threads/followThread.ts"

/** A process on a log in memory, which counts what is attached to it now. */
const counted = Effect.gen(function* () {
  let attached = 0
  const counting = <A, R>(effect: Effect.Effect<A, never, R>) =>
    Effect.andThen(
      Effect.acquireRelease(
        Effect.sync(() => attached++),
        () => Effect.sync(() => attached--)
      ),
      effect
    )
  const hub = yield* ThreadHub
  const lane = yield* LiveLane
  const services = Context.merge(
    yield* Effect.context<Services>(),
    Context.make(ThreadHub, { ...hub, onThread: (...args) => counting(hub.onThread(...args)) }).pipe(
      Context.add(LiveLane, { ...lane, watch: (...args) => counting(lane.watch(...args)) })
    )
  )
  const closing = yield* Effect.acquireRelease(
    Effect.sync(() => new AbortController()),
    (closing) => Effect.sync(() => closing.abort())
  )
  const process: EmbeddedProcess = {
    closing: closing.signal,
    fork: () => Scope.makeUnsafe(),
    close: async () => closing.abort(),
    run: async (effect, signal) => {
      const exit = await Effect.runPromiseExitWith(services)(effect, signal === undefined ? {} : { signal })
      if (exit._tag === "Success") return exit.value
      throw errorOf(exit.cause, signal)
    }
  }
  const thread = { tenant: DEFAULT_TENANT, threadId: newThreadId() }
  const engine = yield* ThreadEngine
  yield* engine.dispatch(
    { tenant: DEFAULT_TENANT, actor: "tester", correlationId: null },
    createThread(thread.threadId)
  )
  return { process, thread, attached: () => attached }
})

const whole = { after: 0, follow: true }

describe("an iteration", () => {
  it.live(
    "leaves nothing attached, however it is left",
    () =>
      Effect.gen(function* () {
        const { attached, process, thread } = yield* counted
        for (const follow of [() => followEvents(thread, whole), () => followView(thread)]) {
          const items = (signal?: AbortSignal) =>
            iterate<unknown, unknown, unknown>(process, follow(), signal)
          yield* Effect.promise(async () => {
            // Not begun, nothing is attached.
            const lazy = items()
            expect(attached()).toBe(0)
            await lazy.return()

            for await (const _ of items()) {
              expect(attached()).toBeGreaterThan(0)
              break
            }
            expect(attached()).toBe(0)

            const thrown = new Error("thrown")
            const throwing = async () => {
              for await (const _ of items()) throw thrown
            }
            expect(await rejection(throwing())).toBe(thrown)
            expect(attached()).toBe(0)

            // While it waits for what does not come.
            const abort = new AbortController()
            const waiting = items(abort.signal)
            await waiting.next()
            const next = rejection(waiting.next())
            abort.abort(new Error("enough"))
            expect(await next).toBe(abort.signal.reason)
            expect(attached()).toBe(0)
            expect(await rejection(items(abort.signal).next())).toBe(abort.signal.reason)
          })
        }
      }).pipe(Effect.provide(layerTestServer()), Effect.scoped) as Effect.Effect<void>
  )

  it.live(
    "ends when the process closes, also while it waits",
    () =>
      Effect.gen(function* () {
        const { attached, process, thread } = yield* counted
        const waiting = [followEvents(thread, whole), followView(thread), followLog(whole)].map(
          async (open) => {
            const iterator = iterate<unknown, unknown, unknown>(process, open, undefined)
            await iterator.next()
            return iterator.next()
          }
        )
        // All of them wait by then: the log has one event.
        yield* Effect.promise(async () => {
          while (attached() < 3) await new Promise((resolve) => setImmediate(resolve))
          await process.close()
          expect(await Promise.all(waiting)).toEqual([1, 2, 3].map(() => ({ done: true, value: undefined })))
          expect(attached()).toBe(0)
        })
      }).pipe(Effect.provide(layerTestServer()), Effect.scoped) as Effect.Effect<void>
  )
})
