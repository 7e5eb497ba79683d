import { describe, expect, it } from "@effect/vitest"
import { MessageId, type ProviderRuntimeEvent, stepIdOf, ThreadId, TurnId } from "@spillway/contracts"
import type { RuntimeSession, TurnInput } from "@spillway/runtime-ingestion"
import { Deferred, Effect, Exit, Fiber, Scope } from "effect"
import { generatorRuntime } from "./generatorRuntime.ts"
import { text } from "@spillway/contracts/generator-runtime"

const turnId = TurnId.make("turn")

const input = {
  threadId: ThreadId.make("thread"),
  turnId,
  choice: {},
  prompt: "go",
  history: [],
  turn: { steps: [], messages: [] },
  nextStepIndex: 0
} as unknown as TurnInput

/** A session with room for so many events. */
const sessionWithRoom = (room: number) => {
  const taken: Array<ProviderRuntimeEvent> = []
  const full = Deferred.makeUnsafe<void>()
  const session: RuntimeSession = {
    openStep: () =>
      Effect.succeed({ stepId: stepIdOf(turnId, 0), messageId: MessageId.make("message"), steering: [] }),
    emit: (event) =>
      Effect.suspend(() => {
        if (taken.length >= room) return Effect.andThen(Deferred.succeed(full, undefined), Effect.never)
        taken.push(event)
        return Effect.void
      }),
    request: () => Effect.never,
    interrupted: Effect.never,
    hasSteering: () => false,
    get numbered(): never {
      throw new Error("A generator numbers nothing.")
    }
  }
  return { session, taken, full: Deferred.await(full) }
}

describe("a generator that is played", () => {
  it.live("T11 is not pulled while the lane is full, and is returned when its session is over", () =>
    Effect.gen(function* () {
      let pulled = 0
      let ended = false
      const runtime = generatorRuntime({
        name: "endless",
        async *run() {
          try {
            while (true) {
              pulled++
              yield text("x")
            }
          } finally {
            ended = true
          }
        }
      })
      const { full, session, taken } = sessionWithRoom(20)
      const scope = yield* Scope.make()
      const turn = yield* Effect.forkChild(Scope.provide(runtime.runTurn(input, session), scope))
      yield* full
      // Long enough for a runtime that did not wait.
      for (let i = 0; i < 100; i++) yield* Effect.yieldNow
      expect(taken).toHaveLength(20)
      expect(pulled).toBe(21)
      yield* Fiber.interrupt(turn)
      yield* Scope.close(scope, Exit.void)
      expect(ended).toBe(true)
      expect(pulled).toBe(21)
    })
  )
})
