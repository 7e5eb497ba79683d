import { DEFAULT_TENANT, ThreadId } from "@spillway/contracts"
import { expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Queue, Stream } from "effect"
import { CommitSignal } from "../CommitSignal.ts"
import { EventLog } from "../EventLog.ts"
import * as Memory from "../memory/Memory.ts"
import { MemoryStore } from "../memory/MemoryEventLog.ts"
import { Publisher } from "../Publisher.ts"
import { create, start, update } from "../testing/commands.ts"
import { origin, sendable, uniqueId } from "../testing/TestEngine.ts"
import { ThreadEngine } from "../ThreadEngine.ts"

const layerProcess = Layer.provideMerge(ThreadEngine.layer, Publisher.layer)

it.effect(
  "E3 an engine whose append is answered late does not forget what was committed and published meanwhile",
  () =>
    Effect.gen(function* () {
      const scope = yield* Effect.scope
      const news = yield* Queue.unbounded<void>()
      const committed = yield* Deferred.make<void>()
      const answer = yield* Deferred.make<void>()
      let isHeld = false

      /** Its appends go in at once, and their answers come when the test says so. */
      const layerLate = Layer.provideMerge(
        layerProcess,
        Layer.mergeAll(
          Layer.effect(
            EventLog,
            Effect.map(EventLog, (log) =>
              EventLog.of({
                ...log,
                append: (append) =>
                  Effect.tap(log.append(append), () =>
                    isHeld
                      ? Effect.andThen(Deferred.succeed(committed, undefined), Deferred.await(answer))
                      : Effect.void
                  )
              })
            )
          ),
          Layer.succeed(CommitSignal, CommitSignal.of({ wakes: Stream.fromQueue(news) }))
        )
      ).pipe(Layer.provideMerge(Memory.layerOnStore))
      const late = yield* Layer.buildWithScope(Layer.fresh(layerLate), scope)
      const other = yield* Layer.buildWithScope(
        Layer.fresh(Layer.provideMerge(layerProcess, Memory.layerOnStore)),
        scope
      )

      const threadId = uniqueId("thread")
      const dispatch = (command: Parameters<ThreadEngine["Service"]["dispatch"]>[1]) =>
        Effect.flatMap(ThreadEngine, (engine) => engine.dispatch(origin, sendable(command, { threadId })))
      yield* Effect.provideContext(dispatch(create()), late)
      isHeld = true
      const first = yield* Effect.forkChild(Effect.provideContext(dispatch(update({ title: "late" })), late))
      yield* Deferred.await(committed)
      yield* Effect.provideContext(dispatch(start("a")), other)

      // News of the other's commit are here before the answer to the append.
      yield* Effect.gen(function* () {
        const publisher = yield* Publisher
        yield* Queue.offer(news, undefined)
        yield* publisher.follow(0).pipe(
          Stream.takeUntil((events) => events.some(({ type }) => type === "thread.turn-started")),
          Stream.runDrain
        )
        yield* Deferred.succeed(answer, undefined)
        expect((yield* Fiber.join(first)).status).toBe("accepted")
        const { state } = yield* ThreadEngine
        expect((yield* state(DEFAULT_TENANT, ThreadId.make(threadId))).active).toMatchObject({
          session: null
        })
      }).pipe(Effect.provideContext(late))
    }).pipe(Effect.scoped, Effect.provide(MemoryStore.layer))
)
