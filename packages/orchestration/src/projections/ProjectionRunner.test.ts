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
  yield* sql`create table if not exists seen (name text, position bigint, by text, primary key (name, position))`
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
    forget: () => {}
  }
  const checkpoint = makeCheckpoint(sql, projection)
  const watch = yield* makeCheckpointWatch(checkpoint)
  const publisher = yield* Publisher
  return {
    checkpoint,
    watch,
    run: runProjection({ sql, publisher, projection, checkpoint, watch }),
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

const from1 = (to: number) => Array.from({ length: to }, (_, i) => i + 1)

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
    "is written by one of two processes: the one that was overtaken stands by, and goes on when the other is gone",
    () =>
      Effect.gen(function* () {
        const inside = yield* Deferred.make<void>()
        const goOn = yield* Deferred.make<void>()
        const one = yield* recorder("two", "one", () =>
          Effect.andThen(Deferred.succeed(inside, undefined), Deferred.await(goOn))
        )
        const two = yield* recorder("two", "two")
        const head = yield* grow(5)
        const first = yield* Effect.forkChild(one.run)
        yield* Deferred.await(inside)
        // The second one waits for the lock that the first one holds, and finds its batch done.
        yield* Effect.forkChild(two.run)
        yield* Deferred.succeed(goOn, undefined)
        yield* two.watch.waitFor(head)
        expect(yield* two.seen).toEqual(from1(head).map((position) => ({ position, by: "one" })))

        yield* Fiber.interrupt(first)
        const later = yield* grow(5)
        yield* two.watch.waitFor(later)
        expect((yield* two.seen).slice(head).map(({ by }) => by)).toEqual(["two", "two", "two", "two", "two"])
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
      let cuts = 2
      const recording = yield* recorder("cut", "one", () =>
        Effect.suspend(() =>
          cuts-- > 0
            ? Effect.orDie(Effect.asVoid(sql`select pg_terminate_backend(pg_backend_pid())`))
            : Effect.void
        )
      )
      const head = yield* grow(5)
      yield* Effect.forkChild(recording.run)
      yield* recording.watch.waitFor(head)
      expect(cuts).toBeLessThan(0)
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
        expect(yield* reader.checkpoint.read).toEqual({
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
