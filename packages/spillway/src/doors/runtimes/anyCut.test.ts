/** Text of a runtime in another process, through connections that are cut anywhere and servers that crash, with the rest cut otherwise. */
import { describe, expect, it } from "@effect/vitest"
import type { DeliveryMode } from "@spillway/contracts"
import type { ReadModels, ThreadEngine } from "@spillway/orchestration"
import { MemoryStore } from "@spillway/orchestration/testing"
import { DEFAULT_CUT_LIMITS } from "@spillway/runtime-ingestion"
import { Context, Effect, Layer, Scope } from "effect"
import fc from "fast-check"
import { type CuttingProxy, cuttingProxy } from "../../testing/CuttingProxy.ts"
import { type RecuttingOptions, recuttingHost } from "../../testing/recuttingHost.ts"
import { layerRemoteProcess, layerRemoteServer, LogGate } from "../../testing/RemoteServer.ts"
import { saidIn, startOwn, viewOf } from "../../testing/remoteTurn.ts"
import { Listener } from "../Listener.ts"

const modes: ReadonlyArray<DeliveryMode> = ["buffered", "streaming", "paragraph"]

const word = fc.constantFrom(
  "word ",
  "two words, ",
  "\n\n",
  "```\n",
  "αβγ",
  "🏛️",
  "👋🏽",
  "s",
  "sk-fading-circle "
)

const Said = fc.record({
  text: fc.array(word, { minLength: 5, maxLength: 60 }).map((words) => `${words.join("")}end`),
  cuts: fc.array(fc.nat(9), { minLength: 1, maxLength: 8 }),
  perFrame: fc.integer({ min: 1, max: 20 })
})

/** As `Said`, without what is held back: nothing that may begin a secret, and no pair of surrogates to be torn. */
const Plain = Said.map((said): Said => ({
  ...said,
  text: said.text.replaceAll(/[-s\ud800-\udfff]/g, "z"),
  inStep: true
}))

type Said = Omit<RecuttingOptions, "address" | "beforeFrame">

/** Text is kept at once, and small pieces of it are written: what is durable ends anywhere. */
const HASTE = {
  checkpointAge: 1,
  limits: { ...DEFAULT_CUT_LIMITS, spill: 60, streamingSegment: 25, paragraphInterval: 1 }
}

/** Of which the first frames are durable when its server crashes before the fourth. */
const whole: Said = { text: "one two three four five six seven end", cuts: [2], perFrame: 2, inStep: true }

/** Bytes of a host's that its connections live for; a handshake is some 300. */
const Bytes = fc.array(fc.integer({ min: 1, max: 3_000 }), { maxLength: 6 })

/** A turn from its start to its end, whatever happens. */
const play = (mode: DeliveryMode, said: Said, proxy: CuttingProxy, beforeFrame: Effect.Effect<void>) =>
  Effect.gen(function* () {
    const { threadId } = yield* startOwn({ assistantDeliveryMode: mode })
    // It has been told of the turn's end when it is done.
    const wentOnAt = yield* recuttingHost({ ...said, address: proxy.address, beforeFrame })
    const [turn] = (yield* viewOf(threadId)).turns
    expect(turn).toMatchObject({ status: "completed", error: null })
    expect(saidIn(turn!)).toEqual([said.text])
    return wentOnAt
  })

describe("a turn of a runtime in another process", () => {
  it.live.each(modes)(
    "T21 neither repeats nor skips a character in %s, wherever its connection is cut and however the rest is",
    (mode) =>
      Effect.gen(function* () {
        const proxy = yield* cuttingProxy
        proxy.leadTo((yield* Listener).port)
        const context = yield* Effect.context<Listener | ReadModels | ThreadEngine>()
        yield* Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(Said, Bytes, (said, bytes) => {
              proxy.cutAfter(...bytes)
              return Effect.runPromiseWith(context)(Effect.asVoid(play(mode, said, proxy, Effect.void)))
            }),
            { numRuns: 15 }
          )
        )
      }).pipe(Effect.scoped, Effect.provide(layerRemoteServer()))
  )

  it.live.each(modes)(
    "T21 neither repeats nor skips a character in %s, when its server crashes in mid-text and another goes on",
    (mode) =>
      Effect.gen(function* () {
        let inMidText = 0
        yield* Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(fc.oneof(Said, Plain), fc.integer({ min: 1, max: 12 }), async (said, frame) => {
              const wentOnAt = await crash(mode, said, frame).pipe(
                Effect.scoped,
                Effect.provide(MemoryStore.layer),
                Effect.runPromise
              )
              // Number 1 is the step's opening.
              if (wentOnAt.some((received) => received > 1)) inMidText++
            }),
            { numRuns: 16, examples: [[whole, 4]] }
          )
        )
        expect(inMidText).toBeGreaterThan(0)
      })
  )
})

/** Before the host's so-manieth frame its server loses the database, and another one takes over; where there are fewer, none does. */
const crash = Effect.fnUntraced(function* (mode: DeliveryMode, said: Said, frame: number) {
  const store = yield* MemoryStore
  const proxy = yield* cuttingProxy
  const process = Effect.map(
    Effect.orDie(Layer.build(layerRemoteProcess({ ingestion: HASTE }))),
    (services) => {
      proxy.leadTo(Context.get(services, Listener).port)
      return services
    }
  )
  const first = yield* process
  const gate = Context.get(first, LogGate)
  // It closes when its appends are refused at last.
  yield* Effect.addFinalizer(() => gate.open)
  let frames = 0
  const beforeFrame = Effect.gen(function* () {
    frames++
    if (frames !== frame) return
    yield* gate.close
    store.epoch++
    yield* process
    proxy.cutAll()
  }).pipe(Effect.provideService(MemoryStore, store), Effect.provideService(Scope.Scope, yield* Effect.scope))
  return yield* Effect.provideContext(play(mode, said, proxy, beforeFrame), first)
})
