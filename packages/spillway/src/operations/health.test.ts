import { describe, expect, it } from "@effect/vitest"
import { ReadModels, Subscriptions, Unavailable } from "@spillway/orchestration"
import { Effect, Layer } from "effect"
import * as FoldedReadModels from "../testing/FoldedReadModels.ts"
import { layerTestServer } from "../testing/TestServer.ts"
import { Listener } from "../doors/Listener.ts"

const get = Effect.fnUntraced(function* (path: string, init: RequestInit = {}) {
  const { address } = yield* Listener
  return yield* Effect.promise(async () => {
    const response = await fetch(`http://${address}${path}`, init)
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  })
})

/** One subscription, which has stopped. */
const layerStuck = Layer.mock(Subscriptions)({
  all: Effect.succeed([
    {
      name: "usage",
      state: "stopped",
      position: 39,
      behind: 3,
      failures: 10,
      failure: "the secret is 7",
      movedAt: "2026-11-20T12:00:00.000Z"
    }
  ])
})

describe("health", () => {
  it.live("says that the process lives, and what it needs to be ready", () =>
    Effect.gen(function* () {
      expect(yield* get("/health/live")).toEqual({ status: 200, body: { status: "live" } })
      expect(yield* get("/health/ready?x=1")).toEqual({
        status: 200,
        body: {
          status: "ready",
          database: "reachable",
          outage: null,
          lease: "held",
          projections: [{ projection: "folded", behind: 0, failed: null }],
          subscriptions: []
        }
      })
    }).pipe(Effect.provide(layerTestServer()))
  )

  it.live("shows a subscription that stands still, and without what its handler said", () =>
    Effect.gen(function* () {
      expect(yield* get("/health/ready")).toMatchObject({
        status: 200,
        body: {
          subscriptions: [
            {
              subscription: "usage",
              state: "stopped",
              behind: 3,
              failed: "It can't handle an event behind position 39: its status says why."
            }
          ]
        }
      })
    }).pipe(Effect.provide(Layer.provide(layerTestServer(), layerStuck)))
  )

  const withStatus = (status: ReadModels["Service"]["status"]) =>
    layerTestServer(
      {},
      Layer.effect(
        ReadModels,
        Effect.map(ReadModels, (models) => ({ ...models, status }))
      ).pipe(Layer.provide(FoldedReadModels.layer))
    )

  it.live("is not ready while a projection stands still", () =>
    Effect.gen(function* () {
      expect(yield* get("/health/ready")).toMatchObject({
        status: 503,
        body: { status: "not-ready", projections: [{ projection: "threads", failed: "poisoned" }] }
      })
      expect((yield* get("/health/live")).status).toBe(200)
    }).pipe(
      Effect.provide(
        withStatus(Effect.succeed([{ projection: "threads", checkpoint: 0, failed: "poisoned" }]))
      )
    )
  )

  it.live("is not ready while the database is out of reach", () =>
    Effect.gen(function* () {
      expect(yield* get("/health/ready")).toMatchObject({
        status: 503,
        body: { status: "not-ready", database: "unreachable" }
      })
    }).pipe(Effect.provide(withStatus(Effect.fail(new Unavailable({ message: "gone" })))))
  )
})
