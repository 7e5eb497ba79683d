import { PgClient, PgConnection } from "@effect/sql-pg"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Layer, Metric, Queue, Stream } from "effect"
import { TestClock } from "effect/testing"
import { CommitSignal } from "../CommitSignal.ts"
import { EventLog } from "../EventLog.ts"
import { metrics } from "../metrics/metrics.ts"
import { appendOf, eventsAfter, NEW_THREAD } from "../testing/logRows.ts"
import { migrate } from "./migrate.ts"
import { layer as signalLayer } from "./PostgresCommitSignal.ts"
import { layer as logLayer } from "./PostgresEventLog.ts"

/** A process that commits as `writer` and hears of others; its poll stands still until a test moves its clock. */
const start = Effect.fnUntraced(function* (writer: string) {
  const { url } = yield* TestDatabase
  const context = yield* Layer.build(
    Layer.fresh(
      Layer.mergeAll(logLayer({ url, writer }), signalLayer({ url, writer })).pipe(
        Layer.provide(PgClient.layer({ url, startupParameters: { search_path: "spillway" } })),
        Layer.provideMerge(TestClock.layer())
      )
    )
  )
  const wakes = yield* Queue.unbounded<void>()
  yield* Context.get(context, CommitSignal).wakes.pipe(
    Stream.runForEach(() => Queue.offer(wakes, undefined)),
    Effect.forkScoped
  )
  return {
    log: Context.get(context, EventLog),
    wakes,
    adjust: (duration: number) => Effect.provideContext(TestClock.adjust(duration), context)
  }
})

const outsider = Effect.gen(function* () {
  const { url } = yield* TestDatabase
  return yield* PgConnection.make({ url, startupParameters: { search_path: "spillway" } })
})

const listeners = `
  select pid from pg_stat_activity
  where datname = current_database() and application_name = 'spillway listen' and query like 'LISTEN%' and state = 'idle'`

/** Returns once this many processes listen and have taken the wakes that this comes with. */
const settled = Effect.fnUntraced(function* (
  other: PgConnection.PgConnection,
  ...processes: ReadonlyArray<{ readonly wakes: Queue.Queue<void> }>
) {
  yield* other.query(listeners).pipe(Effect.repeat({ until: ({ rows }) => rows.length === processes.length }))
  for (const { wakes } of processes) yield* Queue.take(wakes)
  yield* Effect.sleep(0)
  for (const { wakes } of processes) yield* Queue.clear(wakes)
})

const commit = (threadId: string) =>
  appendOf({ events: eventsAfter(NEW_THREAD, { threadId }, ["1", "2", "3"]) })

const migrated = Layer.effectDiscard(Effect.flatMap(TestDatabase, ({ url }) => migrate({ url }))).pipe(
  Layer.provideMerge(TestDatabase.layer)
)

describe("the commit signal", () => {
  it.live("a commit is told once to the other processes, and wakes them", () =>
    Effect.gen(function* () {
      const other = yield* outsider
      const told = yield* (yield* outsider).listen("spillway_commit")
      const [first, second] = [yield* start("first"), yield* start("second")]
      yield* settled(other, first, second)
      yield* first.log.append(commit("a"))
      yield* Queue.take(second.wakes)
      yield* second.log.append(commit("b"))
      yield* Queue.take(first.wakes)
      const heard = [yield* Queue.take(told), yield* Queue.take(told)]
      expect(heard.map(({ payload }) => payload)).toEqual(["first", "second"])
      expect(yield* Queue.size(told)).toBe(0)
    }).pipe(Effect.scoped, Effect.provide(migrated))
  )

  it.live("a process is not woken by its own commits, nor by what was refused", () =>
    Effect.gen(function* () {
      const other = yield* outsider
      const told = yield* (yield* outsider).listen("spillway_commit")
      const process = yield* start("self")
      yield* settled(other, process)
      yield* process.log.append(commit("a"))
      yield* process.log.append(commit("a"))
      expect((yield* Queue.take(told)).payload).toBe("self")
      yield* Effect.sleep(0)
      expect(yield* Queue.size(process.wakes)).toBe(0)
      yield* other.query("notify spillway_commit, 'stranger'")
      expect((yield* Queue.take(told)).payload).toBe("stranger")
      yield* Queue.take(process.wakes)
    }).pipe(Effect.scoped, Effect.provide(migrated))
  )

  it.live("a connection that drops is made again, and wakes, for what was missed", () =>
    Effect.gen(function* () {
      const other = yield* outsider
      const process = yield* start("self")
      yield* settled(other, process)
      yield* other.query(`select pg_terminate_backend(pid, 5000) from (${listeners}) as listening`)
      yield* Effect.repeat(process.adjust(500), {
        until: () => Effect.map(Queue.size(process.wakes), (size) => size > 0)
      })
      yield* settled(other, process)
      yield* other.query("notify spillway_commit, 'stranger'")
      yield* Queue.take(process.wakes)
      const counted = (yield* Metric.snapshot).find(({ id }) => id === metrics.listenReconnections.name)
      expect(counted?.state).toMatchObject({ count: 1 })
    }).pipe(Effect.scoped, Effect.provide(migrated), Effect.provideService(Metric.MetricRegistry, new Map()))
  )

  it.live("every 5 s it wakes without being told, since a notification can be lost", () =>
    Effect.gen(function* () {
      const other = yield* outsider
      const process = yield* start("self")
      yield* settled(other, process)
      yield* process.adjust(5_000)
      yield* Queue.take(process.wakes)
      yield* process.adjust(5_000)
      yield* Queue.take(process.wakes)
    }).pipe(Effect.scoped, Effect.provide(migrated))
  )
})
