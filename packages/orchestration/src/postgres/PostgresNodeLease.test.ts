import { PgConnection } from "@effect/sql-pg"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { describe, expect, it } from "@effect/vitest"
import { Clock, Context, Effect, Exit, Fiber, Layer, Redacted, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { EventLog } from "../EventLog.ts"
import { NodeLease } from "../NodeLease.ts"
import { appendOf, eventsAfter, NEW_THREAD } from "../testing/logRows.ts"
import { migrate } from "./migrate.ts"
import * as Postgres from "./Postgres.ts"
import { layer as leaseLayer, type LeaseOptions } from "./PostgresNodeLease.ts"

/** A process that wants the lease, with a clock of its own that a test moves: until then it is as good as frozen. */
const startFrozen = Effect.fnUntraced(function* (options: LeaseOptions = {}) {
  const { url } = yield* TestDatabase
  const context = yield* Layer.build(
    Layer.fresh(Layer.provideMerge(leaseLayer({ url, ...options }), TestClock.layer()))
  )
  const lease = Context.get(context, NodeLease)
  const database = yield* PgConnection.make({ url })
  const adjust = (duration: number) => Effect.provideContext(TestClock.adjust(duration), context)
  return {
    epoch: lease.epoch,
    changes: lease.changes,
    adjust,
    /** So many looks of a process that does not hold it, each with the time that the database needs to answer. */
    look: (times: number) =>
      Effect.andThen(adjust(250), database.query("select")).pipe(Effect.repeat({ times: times - 1 })),
    /**
     * Looks until it holds it; the epoch under which it does. On a busy machine its clock may pass the 20 s that a take may last: it then
     * takes the lease from itself, under one epoch more.
     */
    takes: Effect.andThen(adjust(250), database.query("select")).pipe(
      Effect.andThen(lease.epoch),
      Effect.repeat({ until: (held) => held !== null })
    )
  }
})

/** Waits for a change that a query in flight brings about. */
const becomes = (lease: Pick<NodeLease["Service"], "changes">, epoch: number | null) =>
  lease.changes.pipe(
    Stream.filter((value) => value === epoch),
    Stream.runHead
  )

const outsider = Effect.gen(function* () {
  const { url } = yield* TestDatabase
  return yield* PgConnection.make({ url, startupParameters: { search_path: "spillway" } })
})

const awaitBlockedLease = (connection: PgConnection.PgConnection) =>
  connection
    .query(
      `select pid from pg_stat_activity
       where datname = current_database() and application_name = 'spillway lease' and wait_event_type = 'Lock'`
    )
    .pipe(Effect.repeat({ until: ({ rows }) => rows.length > 0 }))

const runOut = "update node_lease set expires_at = clock_timestamp() - interval '1 second'"

const migrated = Layer.effectDiscard(Effect.flatMap(TestDatabase, ({ url }) => migrate({ url }))).pipe(
  Layer.provideMerge(TestDatabase.layer)
)

/** A process of its own that holds the lease, until it is killed. */
const startHolder = Effect.fnUntraced(function* (environment: NodeJS.ProcessEnv = {}) {
  const { url } = yield* TestDatabase
  const fixture = new URL("fixtures/holdLease.ts", import.meta.url).pathname
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, ["--conditions=@spillway/source", "--no-warnings", fixture], {
        env: { ...process.env, DATABASE_URL: Redacted.value(url), ...environment },
        stdio: ["ignore", "pipe", "inherit"]
      })
    ),
    (child) => Effect.sync(() => void child.kill("SIGKILL"))
  )
  const said = createInterface(child.stdout)[Symbol.asyncIterator]()
  return { child, epoch: Number((yield* Effect.promise(() => said.next())).value) }
})

describe("the lease", () => {
  it.live(
    "the first process holds it; when that one closes, the next has it at once, under the next epoch",
    () =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const first = yield* Scope.provide(startFrozen(), scope)
        const second = yield* startFrozen()
        expect(yield* first.epoch).toBe(1)
        expect(yield* second.epoch).toBeNull()
        yield* second.look(40)
        expect(yield* second.epoch).toBeNull()
        yield* Scope.close(scope, Exit.void)
        // Its clock stands: it was told.
        yield* becomes(second, 2)
      }).pipe(Effect.scoped, Effect.provide(migrated))
  )

  it.live(
    "E10 one lease; when its holder is killed the other takes over within 10 s, and what the old one appends is refused",
    () =>
      Effect.gen(function* () {
        const { url } = yield* TestDatabase
        const holder = yield* startHolder({ PROCESS: "hidden" })
        expect(holder.epoch).toBe(1)

        const context = yield* Layer.build(Postgres.layer({ url }))
        const lease = Context.get(context, NodeLease)
        expect(yield* lease.epoch).toBeNull()

        holder.child.kill("SIGKILL")
        const killedAt = yield* Clock.currentTimeMillis
        yield* becomes(lease, 2)
        const waited = (yield* Clock.currentTimeMillis) - killedAt
        expect(waited).toBeGreaterThan(500)
        expect(waited).toBeLessThan(10_000)

        const events = eventsAfter(NEW_THREAD, { threadId: "a" }, ["late"])
        const log = Context.get(context, EventLog)
        expect(yield* log.append(appendOf({ events, epoch: holder.epoch }))).toMatchObject({
          _tag: "Refused",
          fenced: true
        })
        expect((yield* log.append(appendOf({ events, epoch: 2 })))._tag).toBe("Committed")
      }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
  )

  it.live(
    "E10 a server that starts again on the machine of a killed holder has the lease from the start",
    () =>
      Effect.gen(function* () {
        const { child, epoch } = yield* startHolder()
        const exited = Effect.promise(() => once(child, "exit"))
        yield* Effect.andThen(
          Effect.sync(() => child.kill("SIGKILL")),
          exited
        )
        const next = yield* startFrozen()
        expect(yield* next.epoch).toBe(process.platform === "linux" ? epoch + 1 : null)
        expect(yield* next.takes).toBeGreaterThan(epoch)
      }).pipe(Effect.scoped, Effect.provide(migrated))
  )

  it.live("a holder whose connection is cut makes another one at once, and keeps the lease", () =>
    Effect.gen(function* () {
      const holder = yield* startFrozen()
      const second = yield* startFrozen()
      const other = yield* outsider
      const backend = Effect.map(
        other.query("select backend_pid from node_lease"),
        ({ rows }) => rows[0]!.backend_pid
      )
      const before = yield* backend
      yield* other.query("select pg_terminate_backend(backend_pid, 5000) from node_lease")
      // It hears of it while its clock stands.
      yield* Effect.repeat(backend, { until: (pid) => pid !== before })
      yield* second.look(12)
      expect([yield* holder.epoch, yield* second.epoch]).toEqual([1, null])
    }).pipe(Effect.scoped, Effect.provide(migrated))
  )

  it.live(
    "after a restart of the database, which takes every connection, the holder has the time of its lease",
    () =>
      Effect.gen(function* () {
        const holder = yield* startFrozen()
        const second = yield* startFrozen()
        const other = yield* outsider
        yield* other.query(
          "update node_lease set server_start = server_start - interval '1 hour', backend_pid = 0"
        )
        yield* second.look(12)
        expect(yield* second.epoch).toBeNull()
        yield* holder.adjust(2_000)
        yield* other
          .query("select from node_lease where server_start = pg_postmaster_start_time()")
          .pipe(Effect.repeat({ until: ({ rows }) => rows.length > 0 }))
        yield* second.look(12)
        expect([yield* holder.epoch, yield* second.epoch]).toEqual([1, null])
      }).pipe(Effect.scoped, Effect.provide(migrated))
  )

  it.live("a holder that was frozen while another one took over gives up at its next heartbeat", () =>
    Effect.gen(function* () {
      const first = yield* startFrozen()
      const second = yield* startFrozen()
      const other = yield* outsider
      yield* other.query(runOut)
      const taken = yield* second.takes
      expect(taken).toBeGreaterThan(1)
      expect(yield* first.epoch).toBe(1)
      const lost = yield* Effect.forkChild(becomes(first, null))
      yield* first.adjust(2_000)
      yield* Fiber.join(lost)
      expect(yield* second.epoch).toBe(taken)
    }).pipe(Effect.scoped, Effect.provide(migrated))
  )

  it.live(
    "a lease that ran out while the database stood still stays with its holder, who renews it first thing",
    () =>
      Effect.gen(function* () {
        const first = yield* startFrozen()
        const other = yield* outsider
        yield* other.query(runOut)
        // Sees it run out, and looks again before it takes it.
        const second = yield* startFrozen()
        expect(yield* second.epoch).toBeNull()
        yield* first.adjust(2_000)
        yield* other
          .query("select from node_lease where expires_at > clock_timestamp()")
          .pipe(Effect.repeat({ until: ({ rows }) => rows.length > 0 }))
        yield* second.look(16)
        expect(yield* second.epoch).toBeNull()
        expect(yield* first.epoch).toBe(1)
      }).pipe(Effect.scoped, Effect.provide(migrated))
  )

  it.live("a lease that ran out long ago is taken at first sight", () =>
    Effect.gen(function* () {
      yield* startFrozen()
      const other = yield* outsider
      yield* other.query("update node_lease set expires_at = clock_timestamp() - interval '31 seconds'")
      const second = yield* startFrozen()
      expect(yield* second.epoch).toBe(2)
    }).pipe(Effect.scoped, Effect.provide(migrated))
  )

  it.live(
    "a holder keeps the lease through an outage of ten minutes, and proves itself when it is over",
    () =>
      Effect.gen(function* () {
        const holder = yield* startFrozen()
        const other = yield* outsider
        yield* other.query("begin")
        yield* other.query("select from node_lease for update")
        yield* holder.adjust(2_000)
        yield* awaitBlockedLease(other)
        yield* holder.adjust(600_000)
        expect(yield* holder.epoch).toBe(1)
        yield* other.query(runOut)
        yield* other.query("commit")
        const proved = other.query("select from node_lease where expires_at > clock_timestamp()")
        yield* Effect.repeat(Effect.andThen(holder.adjust(100), proved), {
          until: ({ rows }) => rows.length > 0
        })
        expect(yield* holder.epoch).toBe(1)
      }).pipe(Effect.scoped, Effect.provide(migrated))
  )

  it.live("a holder that can't reach the database keeps the lease for its patience, and no longer", () =>
    Effect.gen(function* () {
      const holder = yield* startFrozen({ heartbeat: 2_000, patience: 20_000 })
      const other = yield* outsider
      yield* other.query("begin")
      yield* other.query("select from node_lease for update")
      yield* holder.adjust(2_000)
      yield* awaitBlockedLease(other)
      yield* holder.adjust(17_000)
      expect(yield* holder.epoch).toBe(1)
      const lost = yield* Effect.forkChild(becomes(holder, null))
      yield* holder.adjust(1_000)
      yield* Fiber.join(lost)
      // The database is back: nobody else took the lease, and it begins anew, under the next epoch.
      yield* other.query("rollback")
      expect(yield* holder.takes).toBeGreaterThan(1)
    }).pipe(Effect.scoped, Effect.provide(migrated))
  )
})
