/**
 * What every adapter of the EventLog port owes, as tests. An adapter names its layers and runs them all:
 *
 *     eventLogSuite("memory", { store: MemoryStore.layer, process: Memory.layerOnStore })
 */
import { describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { EventLog } from "../EventLog.ts"
import { NodeLease } from "../NodeLease.ts"
import { appendTests } from "./event-log/appendTests.ts"
import { checkpointTests } from "./event-log/checkpointTests.ts"
import { contentTests } from "./event-log/contentTests.ts"
import type { LogAdapter, LogTest } from "./event-log/LogTest.ts"
import { orderTests } from "./event-log/orderTests.ts"

export const eventLogSuite = <Store, E1, E2>(name: string, adapter: LogAdapter<Store, E1, E2>): void => {
  const test: LogTest = (title, body) =>
    it.live(title, () =>
      Effect.gen(function* () {
        const store = yield* Effect.context<Store>()
        const start = Layer.build(Layer.fresh(adapter.process)).pipe(
          Effect.map((process) => ({
            log: Context.get(process, EventLog),
            lease: Context.get(process, NodeLease)
          })),
          Effect.orDie,
          Effect.provideContext(store)
        )
        yield* body(start)
      }).pipe(Effect.scoped, Effect.provide(adapter.store))
    )

  describe(`the event log (${name})`, () => {
    appendTests(test)
    checkpointTests(test)
    contentTests(test)
    orderTests(test)
  })
}
