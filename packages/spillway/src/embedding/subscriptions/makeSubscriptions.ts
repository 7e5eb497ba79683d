import type { ThreadEventType } from "@spillway/contracts"
import { EventLog, OwnTables, Subscriptions } from "@spillway/orchestration"
import { Effect, Exit, Scope } from "effect"
import type { EmbeddedProcess } from "../EmbeddedProcess.ts"
import type { Spillway } from "../Spillway.ts"
import { definitionOf } from "./definitionOf.ts"
import { runQuery } from "./runQuery.ts"
import type { Subscription, SubscriptionOptions } from "./Subscription.ts"

type Subscribing = Pick<Spillway, "subscribe" | "subscription" | "subscriptions" | "query">

export const makeSubscriptions = (process: EmbeddedProcess): Subscribing => {
  const subscription = (name: string): Subscription => ({
    name,
    status: () => process.run(Effect.flatMap(Subscriptions, ({ status }) => status(name))),
    caughtUp: ({ signal } = {}) =>
      process.run(
        Effect.gen(function* () {
          const log = yield* EventLog
          const subscriptions = yield* Subscriptions
          yield* subscriptions.waitFor(name, yield* log.head)
        }),
        signal === undefined ? process.closing : AbortSignal.any([signal, process.closing])
      ),
    reset: (to) => process.run(Effect.flatMap(Subscriptions, ({ reset }) => reset(name, to))),
    remove: () => process.run(Effect.flatMap(Subscriptions, ({ remove }) => remove(name)))
  })

  return {
    subscription,
    subscriptions: () => process.run(Effect.flatMap(Subscriptions, ({ all }) => all)),
    subscribe: async <T extends ThreadEventType>(options: SubscriptionOptions<T>) => {
      const scope = process.fork()
      const stop = () => Effect.runPromise(Scope.close(scope, Exit.void))
      const started = process.run(
        Effect.gen(function* () {
          const { run } = yield* Subscriptions
          yield* run(yield* definitionOf(options))
        }).pipe(Scope.provide(scope))
      )
      await started.catch(async (error: unknown) => {
        await stop()
        throw error
      })
      return { ...subscription(options.name), stop }
    },
    query: <R extends object>(text: string, parameters?: ReadonlyArray<unknown>) =>
      process.run(Effect.flatMap(OwnTables, (client) => runQuery<R>(client, text, parameters)))
  }
}
