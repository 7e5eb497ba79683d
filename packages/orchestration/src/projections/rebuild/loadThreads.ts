/**
 * The first part of a rebuild: folds thread after thread from its first event to where the rebuild's target is, and writes each
 * row once, into tables that have no indexes yet.
 */
import type { LoggedEvent, TenantId, ThreadId } from "@spillway/contracts"
import { Effect, Exit, Fiber, Schema } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import { SqlError } from "effect/sql/SqlError"
import { eventColumns, eventOf, type StoredEvent } from "../../postgres/storedEvent.ts"
import { isRefused } from "../isRefused.ts"
import { insert } from "../Table.ts"
import { noRows, type Rows, threadTables } from "../threads/tables.ts"
import type { NextTables } from "./NextTables.ts"
import { poisoned } from "./RebuildError.ts"
import type { RebuildProgress, RebuildRow } from "./RebuildProgress.ts"
import { WholeThread } from "./WholeThread.ts"

/** Events that are read in one go. Each is at most 256 KiB. */
const PAGE = 1_024

/** Threads are written together until they have so many events. */
const BATCH = 4_096

/** Rows that one statement writes. A message's may hold all that it says. */
const ROWS = 1_000

export interface Load {
  readonly sql: SqlClient
  readonly projection: string
  readonly tables: NextTables
  readonly progress: RebuildProgress
  readonly onLoaded: (row: RebuildRow) => Effect.Effect<void>
}

interface Place {
  readonly tenant: string
  readonly thread_id: string
  readonly version: number
}

export const loadThreads = Effect.fnUntraced(function* (load: Load, { after, target }: RebuildRow) {
  const { onLoaded, progress, sql, tables } = load

  /** By the index of the threads' versions, whatever the planner thinks of the log. */
  const read = (place: Place) =>
    sql.withTransaction(
      Effect.gen(function* () {
        yield* sql`set local enable_seqscan = off`
        yield* sql`set local enable_sort = off`
        const rows = yield* sql<StoredEvent>`
          select ${sql.literal(eventColumns)} from event
          where (tenant, thread_id, version) > (${place.tenant}, ${place.thread_id}, ${place.version}) and position <= ${target}
          order by tenant, thread_id, version limit ${PAGE}`
        return rows
      })
    )

  const write = Effect.fnUntraced(function* (rows: Rows) {
    for (const [name, table] of Object.entries(threadTables)) {
      const all = rows[name as keyof Rows]
      for (let from = 0; from < all.length; from += ROWS) {
        yield* insert(sql, table as never, all.slice(from, from + ROWS) as never)
      }
    }
  })

  const commit = Effect.fnUntraced(function* (threads: ReadonlyArray<WholeThread>) {
    const last = threads.at(-1)
    if (last === undefined) return
    const rows = noRows()
    let events = 0
    for (const thread of threads) {
      thread.addRows(rows)
      events += thread.events
    }
    const row = yield* sql.withTransaction(
      Effect.gen(function* () {
        yield* tables.enter
        yield* write(rows)
        return yield* progress.loaded(events, { tenant: last.tenant, thread_id: last.threadId })
      })
    )
    yield* onLoaded(row)
  })

  /** Which event it is that can't be folded or stored, by folding ever less of the thread. */
  const failureOf = Effect.fnUntraced(function* (thread: WholeThread) {
    const events: Array<LoggedEvent> = []
    let place: Place = { tenant: thread.tenant, thread_id: thread.threadId, version: 0 }
    while (true) {
      const page = (yield* read(place)).filter(
        ({ tenant, thread_id }) => tenant === thread.tenant && thread_id === thread.threadId
      )
      events.push(...page.map(eventOf))
      if (page.length < PAGE) break
      place = placeOf(page)
    }
    const isGood = (count: number) =>
      Effect.map(
        Effect.exit(
          sql.withTransaction(
            Effect.gen(function* () {
              const part = new WholeThread(thread.tenant, thread.threadId)
              part.fold(events.slice(0, count))
              const rows = noRows()
              part.addRows(rows)
              yield* tables.enter
              yield* write(rows)
              return yield* new Undone()
            })
          )
        ),
        (exit) =>
          Exit.isFailure(exit) &&
          exit.cause.reasons.some((reason) => reason._tag === "Fail" && reason.error instanceof Undone)
      )
    let [good, bad] = [0, events.length]
    while (bad - good > 1) {
      const middle = (good + bad) >> 1
      if (yield* isGood(middle)) good = middle
      else bad = middle
    }
    return poisoned(load.projection, events[bad - 1]!)
  })

  /** Where the threads can't be written together, one by one, down to the one that can't be at all. */
  const commitEach = (
    threads: ReadonlyArray<WholeThread>
  ): ReturnType<typeof commit> | ReturnType<typeof failing> =>
    Effect.catchIf(
      commit(threads),
      (error): error is SqlError => error instanceof SqlError && isRefused(error),
      () => failing(threads)
    )

  const failing = Effect.fnUntraced(function* (threads: ReadonlyArray<WholeThread>) {
    for (const thread of threads) {
      yield* Effect.catchIf(
        commit([thread]),
        (error): error is SqlError => error instanceof SqlError && isRefused(error),
        () => Effect.flatMap(failureOf(thread), Effect.fail)
      )
    }
  })

  let batch: Array<WholeThread> = []
  let events = 0
  let writing: Fiber.Fiber<void, Effect.Error<ReturnType<typeof commitEach>>> = yield* Effect.forkChild(
    Effect.void
  )
  let thread: WholeThread | undefined
  let place: Place = {
    tenant: "",
    thread_id: "",
    version: 0,
    ...(after !== null && { ...after, version: 0x7fffffff })
  }
  let reading = yield* Effect.forkChild(read(place))
  while (true) {
    const page = yield* Fiber.join(reading)
    if (page.length === 0) break
    place = placeOf(page)
    // Read on while this page is folded and written.
    reading = yield* Effect.forkChild(read(place), { startImmediately: true })
    for (const { of, run } of runsOf(page)) {
      if (thread === undefined || thread.tenant !== of.tenant || thread.threadId !== of.thread_id) {
        if (events >= BATCH) {
          yield* Fiber.join(writing)
          // Fold on while these are written.
          writing = yield* Effect.forkChild(commitEach(batch), { startImmediately: true })
          batch = []
          events = 0
        }
        thread = new WholeThread(of.tenant as TenantId, of.thread_id as ThreadId)
        batch.push(thread)
      }
      const folded = thread
      yield* Effect.catchDefect(
        Effect.sync(() => folded.fold(run.map(eventOf))),
        () => Effect.flatMap(failureOf(folded), Effect.fail)
      )
      events += run.length
    }
    yield* Effect.yieldNow
  }
  yield* Fiber.join(writing)
  yield* commitEach(batch)
})

/** It could be done, and is not kept. */
class Undone extends Schema.TaggedError<Undone>("@spillway/orchestration/Undone")("Undone", {}) {}

const placeOf = (page: ReadonlyArray<StoredEvent>): Place => {
  const { tenant, thread_id, version } = page.at(-1)!
  return { tenant, thread_id, version: Number(version) }
}

/** Events of one thread each, in a row. */
const runsOf = (page: ReadonlyArray<StoredEvent>) => {
  const runs: Array<{ readonly of: StoredEvent; readonly run: Array<StoredEvent> }> = []
  for (const event of page) {
    const last = runs.at(-1)
    if (last !== undefined && last.of.tenant === event.tenant && last.of.thread_id === event.thread_id)
      last.run.push(event)
    else runs.push({ of: event, run: [event] })
  }
  return runs
}
