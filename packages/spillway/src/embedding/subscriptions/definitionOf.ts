/** A service's subscription as the engine runs it: a promise is its handler, its queries are the transaction's. */
import type { LoggedEvent, ThreadEventType } from "@spillway/contracts"
import { OwnTables, type SubscriptionDefinition } from "@spillway/orchestration"
import { Effect, FiberSet, Schema } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import { logEvent } from "../eventsInOrder.ts"
import type { LoggedEventOf, Query, SubscriptionOptions } from "./Subscription.ts"
import { runQuery } from "./runQuery.ts"

/** The service's handler threw. */
class HandlerFailed extends Schema.TaggedError<HandlerFailed>("spillway/subscriptions/HandlerFailed")(
  "HandlerFailed",
  { message: Schema.String, cause: Schema.Defect() }
) {}

export const definitionOf = Effect.fnUntraced(function* <T extends ThreadEventType>({
  handle,
  transaction,
  ...options
}: SubscriptionOptions<T>) {
  const client = yield* OwnTables
  /** Those of other types were left out on the way here. */
  const eventsOf = (events: ReadonlyArray<LoggedEvent>) =>
    events.map(logEvent) as ReadonlyArray<unknown> as ReadonlyArray<LoggedEventOf<T>>
  return {
    ...options,
    ...(transaction === true && { transaction: client }),
    handle: (events: ReadonlyArray<LoggedEvent>) =>
      Effect.flatMap(transaction === true ? makeQuery(client) : Effect.succeed(notInTransaction), (query) =>
        Effect.tryPromise({
          try: async (signal) => handle(eventsOf(events), { signal, query }),
          catch: (error) =>
            new HandlerFailed({
              message: error instanceof Error ? error.message : String(error),
              cause: error
            })
        })
      ).pipe(Effect.scoped)
  } satisfies SubscriptionDefinition<HandlerFailed, never>
})

/** In the transaction that is open here. Once that is over a query is rejected: it can't take part any more. */
const makeQuery = (client: SqlClient) =>
  Effect.map(
    FiberSet.makeRuntimePromise(),
    (run): Query =>
      <R extends object>(text: string, parameters?: ReadonlyArray<unknown>) =>
        run(runQuery<R>(client, text, parameters))
  )

const notInTransaction: Query = () =>
  Promise.reject(
    new TypeError("`query` is there for subscriptions with `transaction: true`: write it next to `handle`.")
  )
