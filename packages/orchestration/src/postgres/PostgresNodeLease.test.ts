import { PgConnection } from "@effect/sql-pg"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { describe, expect, it } from "@effect/vitest"
import { Clock, Context, Effect, Exit, Fiber, Layer, Redacted, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { EventLog } from "../EventLog.ts"
import { NodeLease } from "../NodeLease.ts"
import { appendOf, eventsAfter, NEW_THREAD } from "../testing/logRows.ts"
import { migrate } from "./migrate.ts"
import * as Postgres from "./Postgres.ts"
import { layer as leaseLayer, type LeaseTimes } from "./PostgresNodeLease.ts"

/** A process that wants the lease, with a clock of its own that a test moves: until then it is as good as frozen. */
const startFrozen = Effect.fnUntraced(function* (times: LeaseTimes = {}) {
  const { url } = yield* TestDatabase
  const context = yield* Layer.build(
    Layer.fresh(Layer.provideMerge(leaseLayer({ url, ...times }), TestClock.layer()))
  )
  const lease = Context.get(context, NodeLease)
  return {
    epoch: lease.epoch,
    changes: lease.changes,
    adjust: (duration: number) => Effect.provideContext(TestClock.adjust(duration), context)
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

describe("the lease", () => {
  it.live(
    "the first process holds it; when that one closes, the next has it within a look, under the next epoch",
    () =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const first = yield* Scope.provide(startFrozen(), scope)
        const second = yield* startFrozen()
        expect(yield* first.epoch).toBe(1)
        expect(yield* second.epoch).toBeNull()
        yield* second.adjust(10_000)
        expect(yield* second.epoch).toBeNull()
        yield* Scope.close(scope, Exit.void)
        const taken = yield* Effect.forkChild(becomes(second, 2))
        yield* second.adjust(500)
        yield* Fiber.join(taken)
        expect(yield* second.epoch).toBe(2)
      }).pipe(Effect.scoped, Effect.provide(migrated))
  )

  it.live(
    "E10 one lease; when its holder is killed the other takes over within 10 s, and what the old one appends is refused",
    () =>
      Effect.gen(function* () {
        const { url } = yield* TestDatabase
        const holder = yield* Effect.acquireRelease(
          Effect.sync(() =>
            spawn(
              process.execPath,
              [
                "--conditions=@spillway/source",
                "--no-warnings",
                new URL("fixtures/holdLease.ts", import.meta.url).pathname
              ],
              {
                env: { ...process.env, DATABASE_URL: Redacted.value(url) },
                stdio: ["ignore", "pipe", "inherit"]
              }
            )
          ),
          (child) => Effect.sync(() => void child.kill("SIGKILL"))
        )
        const said = createInterface(holder.stdout)[Symbol.asyncIterator]()
        const epoch = Number((yield* Effect.promise(() => said.next())).value)
        expect(epoch).toBe(1)

        const context = yield* Layer.build(Postgres.layer({ url }))
        const lease = Context.get(context, NodeLease)
        expect(yield* lease.epoch).toBeNull()

        holder.kill("SIGKILL")
        const killedAt = yield* Clock.currentTimeMillis
        yield* becomes(lease, 2)
        expect((yield* Clock.currentTimeMillis) - killedAt).toBeLessThan(10_000)

        const events = eventsAfter(NEW_THREAD, { threadId: "a" }, ["late"])
        const log = Context.get(context, EventLog)
        expect(yield* log.append(appendOf({ events, epoch }))).toMatchObject({
          _tag: "Refused",
          fenced: true
        })
        expect((yield* log.append(appendOf({ events, epoch: 2 })))._tag).toBe("Committed")
      }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
  )

  it.live("a holder that was frozen while another one took over gives up at its next heartbeat", () =>
    Effect.gen(function* () {
      const first = yield* startFrozen()
      const second = yield* startFrozen()
      const other = yield* outsider
      yield* other.query(runOut)
      yield* second.adjust(500)
      yield* Effect.repeat(second.adjust(500), {
        until: () => Effect.map(second.epoch, (epoch) => epoch === 2)
      })
      expect(yield* first.epoch).toBe(1)
      const lost = yield* Effect.forkChild(becomes(first, null))
      yield* first.adjust(2_000)
      yield* Fiber.join(lost)
      expect(yield* second.epoch).toBe(2)
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
        yield* second.adjust(4_000)
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
      yield* other.query("update node_lease set owner = null")
      yield* Effect.repeat(holder.adjust(500), {
        until: () => Effect.map(holder.epoch, (epoch) => epoch === 2)
      })
    }).pipe(Effect.scoped, Effect.provide(migrated))
  )

  it.live("a holder whose connection drops keeps the lease and renews it on the next one", () =>
    Effect.gen(function* () {
      // Its clock runs ahead of the real time that connecting again takes.
      const holder = yield* startFrozen({ patience: Number.MAX_SAFE_INTEGER })
      const other = yield* outsider
      yield* other.query(
        `select pg_terminate_backend(pid, 5000) from pg_stat_activity
         where datname = current_database() and application_name = 'spillway lease'`
      )
      yield* other.query(runOut)
      yield* Effect.repeat(holder.adjust(2_000), {
        until: () =>
          Effect.map(
            other.query("select from node_lease where expires_at > clock_timestamp()"),
            ({ rows }) => rows.length > 0
          )
      })
      expect(yield* holder.epoch).toBe(1)
    }).pipe(Effect.scoped, Effect.provide(migrated))
  )
})
