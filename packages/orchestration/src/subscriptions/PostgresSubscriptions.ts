/** Subscriptions with their checkpoints in the log's database. */
import { Effect, FiberSet, Latch, Layer } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { randomUUID } from "node:crypto"
import { makeReading } from "../postgres/reading.ts"
import { Publisher } from "../Publisher.ts"
import { runSubscription } from "./runSubscription.ts"
import type { HeldLease, SubscriptionRun } from "./SubscriptionRun.ts"
import { makeSubscriptionRows, type SubscriptionTimes } from "./subscriptionRows.ts"
import {
  type SubscriptionDefinition,
  SubscriptionInUse,
  SubscriptionInvalid,
  Subscriptions,
  SubscriptionStopped,
  SubscriptionUnknown
} from "./Subscriptions.ts"

const DEFAULT_TIMES: SubscriptionTimes = { heartbeat: 2_000, duration: 6_000, look: 500 }

/** How long a batch that is under way may still take when its process stops. */
const PATIENCE = "10 seconds"

/** How long a checkpoint of another process may go unnoticed by those who wait for it. */
const LOOK_EVERY = "100 millis"

export const layer = (times: Partial<SubscriptionTimes> = {}) =>
  Layer.effect(Subscriptions, make({ ...DEFAULT_TIMES, ...times }))

const make = Effect.fnUntraced(function* (times: SubscriptionTimes) {
  const sql = yield* SqlClient
  const publisher = yield* Publisher
  const reading = yield* makeReading
  const [schema] = yield* reading(sql<{ readonly name: string }>`select current_schema() as name`)
  const rows = makeSubscriptionRows(sql, schema!.name, times)
  /** What the runs of this process hold, by name: that events were left out is known here before it is stored. */
  const held = new Map<string, Readonly<HeldLease>>()

  const run = Effect.fn("Subscriptions.run")(function* <E, R>(definition: SubscriptionDefinition<E, R>) {
    const wrong = invalid(definition)
    if (wrong !== undefined) return yield* new SubscriptionInvalid({ message: wrong })
    const { from = "beginning", name } = definition
    yield* reading(rows.open(name, from))
    const stopping = yield* Latch.make()
    const run: SubscriptionRun<E, R> = {
      definition,
      rows,
      times,
      publisher,
      owner: randomUUID(),
      stopping,
      moved: (lease) => void held.set(name, lease)
    }
    const fibers = yield* FiberSet.make()
    yield* Effect.addFinalizer(() =>
      Effect.andThen(stopping.open, FiberSet.awaitEmpty(fibers)).pipe(
        Effect.timeout(PATIENCE),
        Effect.ignore,
        Effect.andThen(Effect.sync(() => held.delete(name)))
      )
    )
    yield* FiberSet.run(fibers, runSubscription(run))
  })

  const find = Effect.fn("Subscriptions.status")(function* (name: string) {
    const [found] = yield* reading(rows.read(name))
    return found ?? (yield* unknown(name))
  })

  return Subscriptions.of({
    run,
    all: Effect.map(reading(rows.read()), (found) => found.map(({ status }) => status)).pipe(
      Effect.withSpan("Subscriptions.all")
    ),
    status: (name) => Effect.map(find(name), ({ status }) => status),
    waitFor: Effect.fn("Subscriptions.waitFor")(function* (name, position) {
      while (true) {
        const { epoch, status } = yield* find(name)
        const lease = held.get(name)
        const through = lease?.epoch === epoch ? Math.max(lease.through, status.position) : status.position
        if (through >= position) return
        if (status.state === "stopped") {
          const message = status.failure ?? `The subscription "${name}" has stopped.`
          return yield* new SubscriptionStopped({ name, position: status.position, message })
        }
        yield* Effect.sleep(LOOK_EVERY)
      }
    }),
    reset: Effect.fn("Subscriptions.reset")(function* (name, to) {
      if (!(yield* reading(rows.reset(name, to)))) return yield* unknown(name)
    }),
    remove: Effect.fn("Subscriptions.remove")(function* (name) {
      if (yield* reading(rows.remove(name))) return
      yield* find(name)
      return yield* new SubscriptionInUse({
        name,
        message: `The subscription "${name}" is being run: stop whoever runs it, then remove it.`
      })
    })
  })
})

const unknown = (name: string) =>
  Effect.fail(
    new SubscriptionUnknown({ name, message: `There is no subscription "${name}": run it once to make it.` })
  )

/** What is wrong with a definition, as a sentence. */
const invalid = <E, R>({
  batchSize,
  from,
  name,
  retry
}: SubscriptionDefinition<E, R>): string | undefined => {
  if (!/^[\x21-\x7e]{1,128}$/.test(name)) {
    return "A subscription's name must be 1 to 128 printable ASCII characters without spaces."
  }
  if (batchSize !== undefined && !(Number.isInteger(batchSize) && batchSize >= 1)) {
    return "A subscription's `batchSize` must be a whole number from 1 on."
  }
  if (retry?.attempts !== undefined && !(retry.attempts >= 1)) return "`retry.attempts` must be at least 1."
  if (typeof from === "object" && !(Number.isInteger(from.after) && from.after >= 0)) {
    return "A subscription begins after a position: a whole number from 0 on."
  }
  return undefined
}
