import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { DEFAULT_TENANT, MessageId, ThreadId, TurnId } from "@spillway/contracts"
import { expect, layer } from "@effect/vitest"
import { Context, Deferred, Effect, Exit, Fiber, Logger, Scope } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { dumpSchema } from "../../postgres/dumpSchema.ts"
import * as c from "../../testing/commands.ts"
import { logStack } from "../../testing/readModelStack.ts"
import { differences, fill, spawnRebuild, startProcess, talk } from "../../testing/rebuilds.ts"
import { ThreadLog } from "../../testing/ThreadLog.ts"
import { projectionsStatus } from "../status.ts"
import { threadShape } from "../threads/threadShape.ts"
import { rebuildProjections } from "./rebuild.ts"
import { rebuildLock } from "./rebuildLock.ts"
import type { RebuildStep } from "./RebuildProgress.ts"

const rebuild = Effect.map(
  Effect.suspend(() => rebuildProjections()),
  ([report]) => report!
)

const stand = Effect.map(projectionsStatus, ([stand]) => stand!)

/** A rebuild that a bug ends at the first step of that phase, with events done. */
const cutOff = (phase: RebuildStep["phase"]) => {
  let last: RebuildStep | undefined
  const onStep = (step: RebuildStep) => {
    if (step.phase !== phase || step.events === 0) return
    last = step
    throw new Error("a bug, on purpose")
  }
  return Effect.map(Effect.exit(rebuildProjections(undefined, { onStep })), () => last!)
}

/** A process projects while this runs. */
const projected = Effect.fnUntraced(function* (position: number) {
  const { models, scope } = yield* startProcess
  yield* models.waitFor(position)
  return { models, end: Scope.close(scope, Exit.void) }
})

layer(logStack, { excludeTestServices: true })("a rebuild", (it) => {
  it.effect(
    "E9 puts tables in place that are equal to those that were there, down to indexes and rights",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient
        const { url, name } = yield* TestDatabase
        const reader = `reader_${name}`
        yield* sql.unsafe(`create role ${reader}`)
        yield* sql.unsafe(`grant select on message to ${reader}`)
        const { end, models } = yield* projected(yield* talk("first", 60))
        const before = yield* dumpSchema({ url })
        const { head } = yield* stand
        const report = yield* rebuild
        expect(report).toMatchObject({
          projection: "threads",
          generation: 2,
          position: head,
          resumedAt: 0,
          switches: 1
        })
        expect(report.events).toBe(head)
        expect(yield* dumpSchema({ url })).toBe(before)
        expect(yield* differences).toEqual([])
        expect(
          yield* sql`select has_table_privilege(${reader}, 'message', 'select') as message,
          has_table_privilege(${reader}, 'thread', 'select') as thread`
        ).toEqual([{ message: true, thread: false }])
        expect(yield* sql`select nspname as name from pg_namespace where nspname like 'spillway%'`).toEqual([
          { name: "spillway" }
        ])

        // Whoever projected goes on with the new ones.
        yield* models.waitFor(yield* talk("first", 60))
        yield* models.waitFor(yield* talk("second", 20))
        expect(yield* differences).toEqual([])
        expect(yield* stand).toMatchObject({ generation: 2, behind: 0, failed: null, rebuild: null })
        yield* end
        yield* sql.unsafe(`drop owned by ${reader}`)
        yield* sql.unsafe(`drop role ${reader}`)
      })
  )

  it.effect("E9 mends tables that something else has written to, and what a process remembers of them", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const log = yield* ThreadLog
      const turn = "goes-on"
      const threadId = ThreadId.make("thread-goes-on")
      const { end, models } = yield* projected(
        yield* log.run(threadId, c.create(), c.start(turn), c.claim(turn))
      )
      yield* sql`update thread set message_count = 77, turn_count = 3 where thread_id = ${threadId}`
      yield* sql`delete from turn where thread_id <> ${threadId}`
      // It reads the wrong counts, and keeps them.
      const other = yield* startProcess
      yield* Effect.all([models.waitFor(yield* log.run(threadId, c.openStep(turn))), end])
      yield* other.models.waitFor(yield* log.run(threadId, c.openMessage(turn)))
      expect((yield* differences).length).toBeGreaterThan(2)
      yield* rebuild
      expect(yield* differences).toEqual([])
      yield* other.models.waitFor(yield* log.run(threadId, c.closeTurn(turn), c.start("next")))
      expect(yield* differences).toEqual([])
    })
  )

  it.effect(
    "E9 goes on where it was when it is cut off, by kill -9 or by a bug, whatever it was doing; one at a time",
    () =>
      Effect.gen(function* () {
        yield* fill("filled", 9_000)
        const { end } = yield* projected(yield* talk("third", 30))
        const { generation } = yield* stand
        let resumed = 0
        const isCutOff = Effect.fnUntraced(function* (events: number) {
          // Postgres notices that a process is gone.
          const { rebuild: left } = yield* Effect.repeat(stand, {
            until: ({ rebuild }) => rebuild?.running === false
          })
          expect(left).toMatchObject({ events, etaSeconds: null, failed: null })
          expect(events).toBeGreaterThanOrEqual(resumed)
          resumed = events
          expect(yield* differences).toEqual([])
        })
        for (const phase of ["threads", "switch"] as const) {
          const process = yield* spawnRebuild(phase)
          const { events } = yield* process.stopped
          expect((yield* stand).rebuild).toMatchObject({ running: true, events, failed: null })
          const refused = yield* Effect.flip(rebuild)
          expect(refused).toMatchObject({ _tag: "RebuildRunning", projection: "threads" })
          expect(refused.message).toContain("spillway projections status")
          yield* process.kill
          yield* isCutOff(events)
          if (phase === "switch") continue
          for (const phase of ["indexes", "events"] as const) yield* isCutOff((yield* cutOff(phase)).events)
          yield* talk("later", 5)
        }
        expect(yield* stand).toMatchObject({ generation })
        const report = yield* rebuild
        expect(report).toMatchObject({ generation: generation + 1, resumedAt: resumed })
        expect(yield* differences).toEqual([])
        expect((yield* stand).rebuild).toBe(null)
        yield* end
      }),
    60_000
  )

  it.effect("begins anew when it is told to, and when other code began it", () =>
    Effect.gen(function* () {
      for (const options of [{ restart: true }, { build: "of another version" }]) {
        yield* cutOff("events")
        const [report] = yield* rebuildProjections(undefined, options)
        expect(report!.resumedAt).toBe(0)
        expect(yield* differences).toEqual([])
      }
    })
  )

  it.effect("E9 waits for a reader's snapshot, which sees one state, and keeps nobody waiting for it", () =>
    Effect.gen(function* () {
      const { end, models } = yield* projected(yield* talk("fourth", 10))
      const reader = yield* startProcess
      const [opened, tried] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const sql = Context.get(reader.context, SqlClient)
      const count = sql`select (select count(*) from thread) as threads, (select sum(version) from thread) as versions`
      const snapshot = yield* sql
        .withTransaction(
          Effect.gen(function* () {
            yield* sql`set transaction isolation level repeatable read`
            const before = yield* count
            yield* Deferred.succeed(opened, undefined)
            yield* Deferred.await(tried)
            return [before, yield* count, yield* sql`select count(*) > 0 as turns from turn`]
          })
        )
        .pipe(Effect.forkChild)
      yield* Deferred.await(opened)
      let tries = 0
      const onStep = ({ phase }: RebuildStep) => {
        if (phase === "switch" && ++tries === 3) Deferred.doneUnsafe(tried, Effect.void)
      }
      const rebuilding = yield* Effect.forkChild(rebuildProjections(undefined, { onStep }))
      yield* Deferred.await(tried)
      yield* models.waitFor(yield* talk("fifth", 3))
      expect((yield* models.threads(DEFAULT_TENANT)).length).toBeGreaterThan(8)
      const [before, after, turns] = yield* Fiber.join(snapshot)
      expect(after).toEqual(before)
      expect(turns).toEqual([{ turns: true }])
      const [report] = yield* Fiber.join(rebuilding)
      expect(report!.switches).toBeGreaterThan(2)
      expect(yield* differences).toEqual([])
      yield* end
    })
  )

  it.effect(
    "E9 frees a projection that an event had stopped, once the event can be projected, and says so until then",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient
        const log = yield* ThreadLog
        const { end, models } = yield* projected(yield* talk("sixth", 3))
        const threadId = ThreadId.make("poisoned")
        const turnId = TurnId.make("poisoned-turn")
        yield* log.run(threadId, c.create(), c.start(turnId))
        const poison = yield* log.append([
          {
            threadId,
            event: {
              type: "thread.message-sent",
              data: { messageId: MessageId.make("nul"), turnId, role: "user", text: "a\0b" }
            }
          }
        ])
        const after = yield* talk("seventh", 3)
        expect(yield* Effect.flip(models.waitFor(after))).toMatchObject({
          _tag: "ProjectionFailed",
          checkpoint: poison - 1
        })
        expect((yield* stand).failed).toMatchObject({ position: poison })

        const failed = yield* Effect.flip(rebuild)
        expect(failed).toMatchObject({ _tag: "RebuildFailed" })
        expect(failed.message).toContain(
          `The event at position ${poison} (thread.message-sent, version 5 of poisoned)`
        )
        expect((yield* stand).rebuild).toMatchObject({ running: false, failed: failed.message })
        expect(yield* differences).toEqual([])

        // As if a newer version knew what to do with it.
        yield* sql`update event set data = replace(data::text, '\\u0000', ' ')::json where position = ${poison}`
        yield* rebuild
        yield* Effect.eventually(models.waitFor(after))
        expect(yield* stand).toMatchObject({ behind: 0, failed: null, rebuild: null })
        expect(yield* differences).toEqual([])
        yield* models.waitFor(yield* talk("seventh", 3))
        yield* end
      })
  )

  it.effect("stops at an event that comes while it runs and can't be projected", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const log = yield* ThreadLog
      const { generation } = yield* stand
      yield* cutOff("indexes")
      const poison = yield* log.append([
        { threadId: ThreadId.make("poisoned"), event: { type: "thread.updated", data: { title: "a\0b" } } }
      ])
      yield* log.append([
        { threadId: ThreadId.make("poisoned"), event: { type: "thread.archived", data: {} } }
      ])
      // It is behind the checkpoint, so that nothing would have it in: only a switch that is not close would.
      yield* sql`update projection set position = ${poison - 1}`
      const filled = yield* fill("behind", 2_000)
      expect(filled).toBeGreaterThan(poison)
      const failed = yield* Effect.flip(rebuild)
      expect(failed.message).toContain(`The event at position ${poison} (thread.updated,`)
      expect(yield* stand).toMatchObject({ generation })
      yield* sql`update event set data = replace(data::text, '\\u0000', ' ')::json where position = ${poison}`
    })
  )

  it.effect("E9 tables of an older shape are rebuilt by a server that starts, and serve until then", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { end } = yield* projected((yield* stand).head)
      yield* end
      const { generation, position } = yield* stand
      yield* sql`update projection set version = 0`
      yield* sql`update thread set pending_requests = pending_requests + 1`
      expect((yield* stand).shape).toEqual({ tables: 0, spillway: threadShape.version })
      // Another process is at it, it seems.
      const lock = yield* Scope.make()
      const other = yield* Scope.provide(sql.reserve, lock)
      yield* other.execute(`select pg_advisory_lock(${rebuildLock("threads")})`, [], undefined)
      const server = yield* startProcess
      yield* server.models.waitFor(position)
      expect((yield* server.models.threads(DEFAULT_TENANT)).length).toBeGreaterThan(0)
      const later = yield* talk("eighth", 3)
      yield* other.execute(`select pg_advisory_unlock(${rebuildLock("threads")})`, [], undefined)
      yield* Scope.close(lock, Exit.void)
      yield* server.models.waitFor(later)
      expect(yield* stand).toMatchObject({
        generation: generation + 1,
        shape: { tables: threadShape.version },
        behind: 0
      })
      expect(yield* differences).toEqual([])
      yield* Scope.close(server.scope, Exit.void)
    })
  )

  it.effect("tables of a newer shape are read, and not written", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const before = yield* stand
      yield* sql`update projection set version = ${threadShape.version + 1}`
      const looked = yield* Deferred.make<void>()
      const listener = Logger.make(({ message }) => {
        if (String(message).includes("are of a newer Spillway")) Deferred.doneUnsafe(looked, Effect.void)
      })
      const server = yield* Effect.provide(startProcess, Logger.layer([listener]))
      yield* server.models.waitFor(before.position)
      yield* talk("ninth", 3)
      yield* Deferred.await(looked)
      expect((yield* stand).position).toBe(before.position)
      yield* sql`update projection set version = ${threadShape.version}`
      yield* server.models.waitFor((yield* stand).head)
      expect(yield* differences).toEqual([])
      yield* Scope.close(server.scope, Exit.void)
    })
  )

  it.effect(
    "names what stands on the tables and would be left behind, and projections that there are not",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient
        yield* sql`create view busy as select thread_id from thread where active_turn_id is not null`
        const failed = yield* Effect.flip(rebuild)
        expect(failed).toMatchObject({ _tag: "RebuildFailed" })
        expect(failed.message).toContain("the view spillway.busy (on thread)")
        yield* sql`drop view busy`
        const unknown = yield* Effect.flip(rebuildProjections(["threads", "treads"]))
        expect(unknown.message).toBe('There is no projection "treads": there is "threads".')
        yield* rebuild
        expect(yield* differences).toEqual([])
      })
  )
})
