import { describe, expect, layer } from "@effect/vitest"
import { DEFAULT_TENANT } from "@spillway/contracts"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { Effect, Layer, Logger, References } from "effect"
import { LiveLane } from "./LiveLane.ts"
import { Puppet } from "./testing/Puppet.ts"
import {
  createThread,
  kept,
  layerProcess,
  layerTestIngestion,
  startTurn,
  turnEnd,
  viewOf
} from "./testing/TestIngestion.ts"
import { expectNothingOpen } from "./testing/transcripts/playRecording.ts"

const layerSoonKept = layerProcess({ checkpointAge: 20 }).pipe(Layer.provideMerge(TestDatabase.layer))

layer(layerSoonKept, { excludeTestServices: true })("a session that fails", (it) => {
  it.effect(
    "A11 ends its turn `failed` with what was committed or kept, and the thread takes the next turn",
    () =>
      Effect.gen(function* () {
        const puppet = yield* Puppet
        const live = yield* LiveLane
        const threadId = yield* createThread
        const { turnId } = yield* startTurn(threadId, { assistantDeliveryMode: "streaming" })
        const turn = yield* puppet.next
        yield* turn.session.openStep({ model: null })
        yield* turn.session.emit({ type: "text.delta", itemId: "a", kind: "text", delta: "kept" })
        yield* kept(threadId, "kept")
        yield* Effect.scoped(
          Effect.gen(function* () {
            yield* live.watch(DEFAULT_TENANT, threadId, {
              onFrame: () => {
                throw new Error("a bug, on purpose")
              }
            })
            yield* turn.session.emit({ type: "text.delta", itemId: "a", kind: "text", delta: ", and lost" })
            expect(yield* turnEnd(threadId, turnId)).toBe("failed")
          })
        )
        yield* turn.stopped
        expect((yield* viewOf(threadId)).turns[0]).toMatchObject({
          error: { code: "SessionFailed", retryable: true },
          messages: [{ role: "user" }, { role: "assistant", status: "error", parts: [{ text: "kept" }] }]
        })
        const { turnId: nextTurn } = yield* startTurn(threadId)
        const next = yield* puppet.next
        expect(next.input.turnId).toBe(nextTurn)
        yield* next.finish
        expect(yield* turnEnd(threadId, nextTurn)).toBe("completed")
        yield* expectNothingOpen(threadId)
      })
  )
})

describe("what a session logs", () => {
  const logged: Array<Readonly<Record<string, unknown>>> = []
  const capture = Logger.make(({ fiber }) => logged.push(fiber.getRef(References.CurrentLogAnnotations)))

  layer(layerTestIngestion.pipe(Layer.provideMerge(Logger.layer([capture]))), { excludeTestServices: true })(
    (it) => {
      it.effect("names its thread, its turn and itself", () =>
        Effect.gen(function* () {
          const puppet = yield* Puppet
          const live = yield* LiveLane
          const threadId = yield* createThread
          const { turnId } = yield* startTurn(threadId, { assistantDeliveryMode: "streaming" })
          const turn = yield* puppet.next
          yield* turn.session.openStep({ model: null })
          yield* live.watch(DEFAULT_TENANT, threadId, {
            onFrame: () => {
              throw new Error("a bug, on purpose")
            }
          })
          yield* turn.session.emit({ type: "text.delta", itemId: "a", kind: "text", delta: "hello" })
          expect(yield* turnEnd(threadId, turnId)).toBe("failed")
          expect(logged).toContainEqual(expect.objectContaining({ threadId, turnId, generation: 1 }))
        })
      )
    }
  )
})
