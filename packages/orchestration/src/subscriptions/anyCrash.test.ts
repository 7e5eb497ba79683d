/**
 * Handlers that throw and processes that stop at any moment: in the order of the log every event is handled at least once, and exactly
 * once where the handler writes in the checkpoint's own transaction.
 */
import { type LoggedEvent, ThreadId } from "@spillway/contracts"
import { expect, layer } from "@effect/vitest"
import { Effect, Fiber, Latch, Layer, Logger } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import * as fc from "fast-check"
import { randomUUID } from "node:crypto"
import { Publisher } from "../Publisher.ts"
import { logStack } from "../testing/readModelStack.ts"
import { ThreadLog } from "../testing/ThreadLog.ts"
import { runSubscription } from "./runSubscription.ts"
import { makeSubscriptionRows } from "./subscriptionRows.ts"
import * as PostgresSubscriptions from "./PostgresSubscriptions.ts"
import { type SubscriptionDefinition, Subscriptions } from "./Subscriptions.ts"

/** A handler's calls, one number each: 0 to 4 goes well, 5 throws before it wrote, 6 after, 7 is where its process is stopped. */
const scenario = fc.record({
  batchSize: fc.integer({ min: 1, max: 9 }),
  processes: fc.integer({ min: 1, max: 2 }),
  calls: fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 40 }),
  growths: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 })
})

const times = { heartbeat: 500, duration: 2_000, look: 1 }
const retry = { attempts: 1_000, firstDelay: 1, longestDelay: 1 }
const stack = PostgresSubscriptions.layer(times).pipe(
  Layer.provideMerge(logStack),
  // Hundreds of failures are as they should be here.
  Layer.provideMerge(Logger.layer([]))
)

const play = Effect.fnUntraced(function* (
  { batchSize, calls, growths, processes }: typeof scenario extends fc.Arbitrary<infer A> ? A : never,
  exactlyOnce: boolean
) {
  const sql = yield* SqlClient
  const publisher = yield* Publisher
  const subscriptions = yield* Subscriptions
  const log = yield* ThreadLog
  const name = randomUUID()
  const rows = makeSubscriptionRows(sql, "spillway", times)
  const stop = yield* Latch.make()
  let call = 0

  const write = (events: ReadonlyArray<LoggedEvent>) =>
    sql`insert into seen (name, position)
      select ${name}, position from unnest(${events.map(({ position }) => position)}::bigint[]) with ordinality as given (position, place)
      order by place`

  const definition: SubscriptionDefinition<unknown, never> = {
    name,
    batchSize,
    retry,
    ...(exactlyOnce && { transaction: sql }),
    handle: Effect.fnUntraced(function* (events) {
      const what = calls[call++] ?? 0
      if (what === 5) return yield* Effect.fail("before")
      yield* write(events)
      if (what === 6) return yield* Effect.fail("after")
      if (what === 7) return yield* Effect.andThen(stop.open, Effect.never)
    })
  }

  /** A process that is stopped at once whenever a call says so, and started again. */
  const oneProcess = Effect.gen(function* () {
    while (true) {
      const run = runSubscription({
        definition,
        rows,
        times,
        publisher,
        owner: randomUUID(),
        stopping: yield* Latch.make(),
        moved: () => {}
      })
      yield* Effect.raceFirst(run, Effect.andThen(stop.await, stop.close))
    }
  })

  const start = publisher.head()
  yield* rows.open(name, { after: start })
  const running = yield* Effect.forEach(Array.from({ length: processes }), () => Effect.forkChild(oneProcess))
  let head = start
  for (const growth of growths) {
    head = yield* log.append(
      Array.from({ length: growth }, (_, i) => ({
        threadId: ThreadId.make("thread"),
        event: { type: "thread.updated", data: { title: `title ${i}` } } as const
      }))
    )
  }
  yield* subscriptions.waitFor(name, head)
  yield* Fiber.interruptAll(running)
  const seen = yield* sql<{
    readonly position: bigint
  }>`select position from seen where name = ${name} order by id`
  return { seen: seen.map(({ position }) => Number(position) - start), events: head - start, calls: call }
})

layer(stack, { excludeTestServices: true })(
  "a subscription whose handlers throw and whose processes stop",
  (it) => {
    const check = (exactlyOnce: boolean, holds: (seen: ReadonlyArray<number>, events: number) => void) =>
      Effect.gen(function* () {
        const sql = yield* SqlClient
        yield* sql`create table if not exists seen (id bigint generated always as identity, name text, position bigint)`
        const run = Effect.runPromiseWith(
          yield* Effect.context<SqlClient | Publisher | Subscriptions | ThreadLog>()
        )
        yield* Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(scenario, async (scenario) => {
              const { events, seen } = await run(play(scenario, exactlyOnce))
              holds(seen, events)
            }),
            { numRuns: 60 }
          )
        )
      })

    it.effect("handles every event at least once, and none before those in front of it", () =>
      check(false, (seen, events) => {
        let through = 0
        for (const position of seen) {
          expect(position).toBeLessThanOrEqual(through + 1)
          through = Math.max(through, position)
        }
        expect(through).toBe(events)
      })
    )

    it.effect(
      "handles every event exactly once, in order, where it writes in the checkpoint's transaction",
      () =>
        check(true, (seen, events) => {
          expect(seen).toEqual(Array.from({ length: events }, (_, i) => i + 1))
        })
    )
  }
)
