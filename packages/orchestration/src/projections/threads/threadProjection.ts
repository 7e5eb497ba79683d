/**
 * Folds the log into the thread tables. The fold is `foldThread`; here is only what it needs from the tables first, and
 * which rows it changed.
 */
import { foldThread, type LoggedEvent, type TenantId, type ThreadId } from "@spillway/contracts"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import { threadKey } from "../../threadKey.ts"
import type { EventLog } from "../../EventLog.ts"
import type { Projection } from "../Projection.ts"
import { upsert } from "../Table.ts"
import { assembleTurns } from "./assemble.ts"
import { addChanges } from "./changes.ts"
import { withOpenMessages } from "./openMessages.ts"
import { emptyPartialView, missingTurns, type PartialView, withoutEndedTurns } from "./PartialView.ts"
import { readThreadHeads, readTurnRows } from "./readRows.ts"
import { noRows, type Rows, type ThreadRow, threadTables } from "./tables.ts"
import { threadShape } from "./threadShape.ts"
import { ViewCache } from "./ViewCache.ts"

interface ThreadEvents {
  readonly tenant: TenantId
  readonly threadId: ThreadId
  readonly events: Array<LoggedEvent>
}

export const makeThreadProjection = (sql: SqlClient, log: EventLog["Service"]): Projection => {
  const cache = new ViewCache()

  /** The views of these threads as the tables have them, without turns where they are not in memory. */
  const loadViews = Effect.fnUntraced(function* (threads: ReadonlyMap<string, ThreadEvents>) {
    const views = new Map<string, PartialView>()
    const unknown = new Map<string, ThreadEvents>()
    for (const [key, thread] of threads) {
      const known = cache.get(key)
      if (known !== undefined) views.set(key, known)
      else if (thread.events[0]!.version === 1)
        views.set(key, emptyPartialView(thread.tenant, thread.threadId))
      else unknown.set(key, thread)
    }
    if (unknown.size > 0) {
      for (const row of yield* readThreadHeads(sql, [...unknown.values()])) {
        views.set(threadKey({ tenant: row.tenant, threadId: row.thread_id }), partialViewOf(row))
      }
    }
    return views
  })

  /** Adds the turns that the events name and the views lack. */
  const loadTurns = Effect.fnUntraced(function* (
    threads: ReadonlyMap<string, ThreadEvents>,
    views: Map<string, PartialView>
  ) {
    const missing = [...threads].flatMap(([key, { events, tenant, threadId }]) => {
      const partial = views.get(key)
      return partial === undefined
        ? []
        : missingTurns(partial, events).map((turnId) => ({ tenant, threadId, turnId }))
    })
    if (missing.length === 0) return
    for (const [key, rows] of byThread(yield* readTurnRows(sql, missing))) {
      const partial = views.get(key)!
      const { threadId, version } = partial.view
      const stored = assembleTurns(rows)
      const turns = yield* withOpenMessages(
        log,
        { tenant: partial.tenant, threadId, version },
        stored.map(({ turn }) => turn)
      )
      views.set(key, {
        ...partial,
        view: { ...partial.view, turns: [...partial.view.turns, ...turns] },
        turnIndexes: [...partial.turnIndexes, ...stored.map(({ turnIndex }) => turnIndex)]
      })
    }
  })

  const project = Effect.fnUntraced(function* (events: ReadonlyArray<LoggedEvent>) {
    const threads = groupByThread(events)
    const views = yield* loadViews(threads)
    yield* loadTurns(threads, views)
    const rows = noRows()
    const folded = [...threads].map(([key, thread]) => {
      const before = views.get(key) ?? emptyPartialView(thread.tenant, thread.threadId)
      return [key, addChanges(rows, before, foldThread(before.view, thread.events))] as const
    })
    yield* write(sql, rows)
    return () => {
      for (const [key, partial] of folded) cache.put(key, withoutEndedTurns(partial))
    }
  })

  return { ...threadShape, project, forget: () => cache.clear() }
}

const groupByThread = (events: ReadonlyArray<LoggedEvent>): ReadonlyMap<string, ThreadEvents> => {
  const threads = new Map<string, ThreadEvents>()
  for (const event of events) {
    const { tenant, threadId } = event
    const key = threadKey({ tenant, threadId })
    const thread = threads.get(key)
    if (thread === undefined) threads.set(key, { tenant, threadId, events: [event] })
    else thread.events.push(event)
  }
  return threads
}

/** A thread's row as a view that holds no turns yet. */
export const partialViewOf = (row: ThreadRow): PartialView => ({
  tenant: row.tenant,
  view: {
    threadId: row.thread_id,
    version: row.version,
    status: row.status,
    title: row.title,
    metadata: row.metadata!,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    activeTurnId: row.active_turn_id,
    queue: row.queue,
    turns: []
  },
  turnIndexes: [],
  turnCount: row.turn_count,
  messageCount: row.message_count,
  pendingRequests: row.pending_requests
})

const byThread = (rows: Rows): ReadonlyMap<string, Rows> => {
  const threads = new Map<string, Rows>()
  for (const table of Object.keys(rows) as ReadonlyArray<keyof Rows>) {
    for (const row of rows[table]) {
      const key = threadKey({ tenant: row.tenant, threadId: row.thread_id })
      const of = threads.get(key) ?? noRows()
      threads.set(key, of)
      of[table].push(row as never)
    }
  }
  return threads
}

const write = Effect.fnUntraced(function* (sql: SqlClient, rows: Rows) {
  yield* upsert(sql, threadTables.thread, rows.thread)
  yield* upsert(sql, threadTables.thread_title, rows.thread_title)
  yield* upsert(sql, threadTables.turn, rows.turn)
  yield* upsert(sql, threadTables.message, rows.message)
  yield* upsert(sql, threadTables.message_part, rows.message_part)
  yield* upsert(sql, threadTables.tool_call, rows.tool_call)
  yield* upsert(sql, threadTables.step, rows.step)
  yield* upsert(sql, threadTables.request, rows.request)
  yield* upsert(sql, threadTables.activity, rows.activity)
})
