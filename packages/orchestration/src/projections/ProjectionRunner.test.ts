import { type LoggedEvent, ThreadId } from "@spillway/contracts"
import { expect, layer } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { Unavailable } from "../EventLog.ts"
import { Publisher } from "../Publisher.ts"
import { logStack } from "../testing/readModelStack.ts"
import { ThreadLog } from "../testing/ThreadLog.ts"
import { makeCheckpoint } from "./Checkpoint.ts"
import { makeCheckpointWatch } from "./CheckpointWatch.ts"
import type { Projection } from "./Projection.ts"
import { runProjection } from "./ProjectionRunner.ts"

/** Writes every position it sees, with who saw it. */
const recorder = Effect.fnUntraced(function* (
  name: string,
  by: string,
  before: (events: ReadonlyArray<LoggedEvent>) => Effect.Effect<void, Unavailable> = () => Effect.void
) {
  const sql = yield* SqlClient
  yield* sql`create table if not exists seen (name text, position bigint, by text)`
  let forgotten = 0
  const projection: Projection = {
    name,
    version: 1,
    project: (events) =>
      Effect.gen(function* () {
        yield* before(events)
        const positions = events.map(({ position }) => position)
        yield* sql`insert into seen select ${name}, unnest(${positions}::int[]), ${by}`
        return () => {}
      }),
    forget: () => void forgotten++
  }
  const started = yield* Deferred.make<void>()
  const stored = makeCheckpoint(sql, projection)
  const checkpoint = {
    ...stored,
    start: Effect.tap(stored.start, () => Deferred.succeed(started, undefined))
  }
  const watch = yield* makeCheckpointWatch(checkpoint)
  const publisher = yield* Publisher
  return {
    checkpoint,
    watch,
    started: Deferred.await(started),
    forgotten: () => forgotten,
    run: runProjection({ sql, publisher, projection, checkpoint, watch, rebuild: Effect.never }),
    seen: Effect.map(
      sql<{
        position: bigint
        by: string
      }>`select position, by from seen where name = ${name} order by position`,
      (rows) => rows.map((row) => ({ position: Number(row.position), by: row.by }))
    )
  }
})

/** Commits that many events, and answers the last position. */
const grow = Effect.fnUntraced(function* (events: number) {
  const log = yield* ThreadLog
  const threadId = ThreadId.make("thread")
  return yield* log.append(
    Array.from({ length: events }, (_, i) => ({
      threadId,
      event: { type: "thread.updated", data: { title: `title ${i}` } } as const
    }))
  )
})

/** After the first, up to the second. */
const positions = (after: number, to: number) => Array.from({ length: to - after }, (_, i) => after + i + 1)
const from1 = (to: number) => positions(0, to)

layer(logStack, { excludeTestServices: true })("a projection", (it) => {
  it.effect("sees every event once, in order, over restarts", () =>
    Effect.gen(function* () {
      const one = yield* recorder("restarts", "one")
      yield* Effect.raceFirst(one.run, Effect.flatMap(grow(30), one.watch.waitFor))
      const head = yield* grow(30)
      const two = yield* recorder("restarts", "two")
      yield* Effect.raceFirst(two.run, two.watch.waitFor(head))
      expect((yield* two.seen).map(({ position }) => position)).toEqual(from1(head))
    })
  )

  it.effect(
    "is written by one of two processes: the other one stands by, and goes on when the first is gone",
    () =>
      Effect.gen(function* () {
        const inside = yield* Deferred.make<void>()
        const goOn = yield* Deferred.make<void>()
        const start = Effect.fnUntraced(function* (by: string) {
          const recording = yield* recorder("two", by, () =>
            Effect.andThen(Deferred.succeed(inside, undefined), Deferred.await(goOn))
          )
          const fiber = yield* Effect.forkChild(recording.run)
          yield* recording.started
          return { ...recording, by, fiber }
        })
        // Both begin at the same place, with nothing to do yet.
        const setup = yield* recorder("two", "setup")
        const head = yield* grow(5)
        yield* Effect.raceFirst(setup.run, setup.watch.waitFor(head))
        const processes = [yield* start("one"), yield* start("two")]
        const contended = yield* grow(5)
        yield* Deferred.await(inside)
        yield* Deferred.succeed(goOn, undefined)
        yield* Effect.forEach(processes, ({ watch }) => watch.waitFor(contended))

        const first = (yield* setup.seen).at(-1)!.by
        const winner = processes.find(({ by }) => by === first)!
        const other = processes.find(({ by }) => by !== first)!
        yield* Fiber.interrupt(winner.fiber)
        const later = yield* grow(5)
        yield* other.watch.waitFor(later)
        expect(yield* setup.seen).toEqual([
          ...positions(0, head).map((position) => ({ position, by: "setup" })),
          ...positions(head, contended).map((position) => ({ position, by: winner.by })),
          ...positions(contended, later).map((position) => ({ position, by: other.by }))
        ])
        // What it remembered from before may be older than what the first one wrote.
        expect(other.forgotten()).toBe(1)
      })
  )

  it.effect("waits while the database is away, and loses nothing", () =>
    Effect.gen(function* () {
      let failures = 2
      const recording = yield* recorder("away", "one", () =>
        Effect.suspend(() =>
          failures-- > 0 ? Effect.fail(new Unavailable({ message: "Away." })) : Effect.void
        )
      )
      const head = yield* grow(5)
      yield* Effect.forkChild(recording.run)
      yield* recording.watch.waitFor(head)
      expect(failures).toBeLessThan(0)
      expect((yield* recording.seen).map(({ position }) => position)).toEqual(from1(head))
    })
  )

  it.effect("goes on after its connection was cut in the middle of a transaction", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      let cuts = 0
      const cut = Effect.orDie(Effect.asVoid(sql`select pg_terminate_backend(pg_backend_pid())`))
      const recording = yield* recorder("cut", "one", () =>
        Effect.suspend(() => (cuts-- > 0 ? cut : Effect.void))
      )
      yield* Effect.forkChild(recording.run)
      yield* recording.watch.waitFor(yield* grow(5))
      cuts = 2
      const head = yield* grow(1)
      yield* recording.watch.waitFor(head)
      expect(cuts).toBe(-1)
      expect((yield* recording.seen).map(({ position }) => position)).toEqual(from1(head))
    })
  )

  it.effect(
    "stops at the one event it can't apply, says so, and goes on where a later start can apply it",
    () =>
      Effect.gen(function* () {
        const before = yield* grow(100)
        const poison = before + 37
        const stuck = yield* recorder("poison", "old", (events) =>
          events.some(({ position }) => position === poison)
            ? Effect.die(new Error("I can't fold this"))
            : Effect.void
        )
        const head = yield* grow(100)
        const old = yield* Effect.forkChild(stuck.run)
        const failure = yield* Effect.flip(stuck.watch.waitFor(head))
        expect(failure).toMatchObject({
          _tag: "ProjectionFailed",
          projection: "poison",
          checkpoint: poison - 1
        })
        expect(failure.message).toContain(`position ${poison} `)
        yield* stuck.watch.waitFor(poison - 1)
        expect((yield* stuck.seen).map(({ position }) => position)).toEqual(from1(poison - 1))

        // Another process reads it from the database.
        const reader = yield* recorder("poison", "reader")
        expect(yield* Effect.flip(reader.watch.waitFor(poison))).toEqual(failure)
        expect(yield* reader.checkpoint.read).toMatchObject({
          projection: "poison",
          checkpoint: poison - 1,
          failed: failure.message
        })

        yield* Fiber.interrupt(old)
        const fixed = yield* recorder("poison", "new")
        yield* Effect.forkChild(fixed.run)
        // A wait that began while the failure stood may still be told of it.
        yield* Effect.eventually(fixed.watch.waitFor(head))
        expect((yield* fixed.seen).map(({ position }) => position)).toEqual(from1(head))
        expect((yield* fixed.checkpoint.read).failed).toBe(null)
      })
  )
})
