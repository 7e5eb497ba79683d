import { describe, expect, it } from "@effect/vitest"
import { text } from "@spillway/contracts/generator-runtime"
import { ThreadEngine } from "@spillway/orchestration"
import { MemoryStore } from "@spillway/orchestration/testing"
import { Context, Effect, Exit, Layer, Scope } from "effect"
import { Listener } from "spillway/effect"
import {
  cuttingProxy,
  eventOf,
  layerRemoteProcess,
  respondTo,
  saidIn,
  startOwn,
  tester,
  viewOf
} from "spillway/testing"
import { hostOf } from "../testing/runtimeHost.ts"

/** A server behind an address that stays, and how it is stopped and started again. */
const restartable = Effect.gen(function* () {
  const store = yield* MemoryStore
  const proxy = yield* cuttingProxy
  let scope = yield* Scope.make()
  const start = Effect.gen(function* () {
    scope = yield* Scope.make()
    const services = yield* Layer.buildWithScope(layerRemoteProcess({ grace: 10_000 }), scope)
    proxy.leadTo(Context.get(services, Listener).port)
    return services
  }).pipe(Effect.provideService(MemoryStore, store), Effect.orDie)
  yield* Effect.addFinalizer(() => Scope.close(scope, Exit.void))
  return { proxy, start, stop: Effect.suspend(() => Scope.close(scope, Exit.void)) }
})

const onStore = <A, E>(body: Effect.Effect<A, E, MemoryStore | Scope.Scope>) =>
  body.pipe(Effect.scoped, Effect.provide(MemoryStore.layer))

const signal = () => {
  let give: () => void = () => {}
  const given = new Promise<void>((resolve) => (give = resolve))
  return { give, given }
}

describe("a runtime whose server is started again", () => {
  it.live("A7 goes on with its turn, and nothing of it is lost or doubled", () =>
    onStore(
      Effect.gen(function* () {
        const { proxy, start, stop } = yield* restartable
        const first = yield* start
        const said = signal()
        const back = signal()
        let runs = 0
        const host = yield* hostOf(
          {
            own: async function* ({ nextStep }) {
              runs++
              for (let i = 0; i < 50; i++) yield text(`before ${i} `)
              said.give()
              for (let i = 0; i < 300; i++) yield text(`meanwhile ${i} `)
              await back.given
              await nextStep()
              yield text("after")
            }
          },
          { url: `http://${proxy.address}` }
        ).pipe(Effect.provideContext(first))
        const { threadId } = yield* startOwn({ assistantDeliveryMode: "streaming" }).pipe(
          Effect.provideContext(first)
        )
        yield* Effect.promise(() => said.given)
        yield* stop
        expect(host.turns()).toBe(1)
        const second = yield* start
        back.give()
        yield* eventOf(threadId, "thread.turn-completed").pipe(Effect.provideContext(second))
        const [turn] = (yield* viewOf(threadId).pipe(Effect.provideContext(second))).turns
        const count = (word: string, length: number) =>
          Array.from({ length }, (_, i) => `${word} ${i} `).join("")
        expect(saidIn(turn!)).toEqual([count("before", 50) + count("meanwhile", 300), "after"])
        expect(runs).toBe(1)
      })
    )
  )

  it.live("A12 gets the answer to its question that was given while no server ran its turns", () =>
    onStore(
      Effect.gen(function* () {
        const { proxy, start, stop } = yield* restartable
        const first = yield* start
        yield* hostOf(
          {
            own: async function* ({ ask }) {
              const { decision } = await ask({ kind: "approval", title: "May I?", requestId: "may-i" })
              yield text(decision)
            }
          },
          { url: `http://${proxy.address}` }
        ).pipe(Effect.provideContext(first))
        const { threadId } = yield* startOwn().pipe(Effect.provideContext(first))
        yield* eventOf(threadId, "thread.request-opened").pipe(Effect.provideContext(first))
        yield* stop
        const second = yield* start
        const engine = Context.get(second, ThreadEngine)
        yield* engine.dispatch(tester, respondTo(threadId, "may-i"))
        yield* eventOf(threadId, "thread.turn-completed").pipe(Effect.provideContext(second))
        const [turn] = (yield* viewOf(threadId).pipe(Effect.provideContext(second))).turns
        expect(saidIn(turn!)).toEqual(["approve"])
      })
    )
  )
})
