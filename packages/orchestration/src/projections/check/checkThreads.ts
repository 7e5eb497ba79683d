/**
 * Compares the thread tables with a fold of the log, in one snapshot of both: the fold stops where the projection's checkpoint
 * stands. Threads are gone through in the order of their keys, the log and all tables side by side, so that no more than one
 * thread is in memory, with a page of each table.
 */
import {
  emptyThreadView,
  foldThread,
  type TenantId,
  type ThreadId,
  type ThreadView
} from "@spillway/contracts"
import { Effect, Result } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { eventColumns, eventOf, type StoredEvent } from "../../postgres/storedEvent.ts"
import { makeCheckpoint } from "../Checkpoint.ts"
import { threadShape } from "../threads/threadShape.ts"
import { addExtra, compareRows, type LiveRow } from "./compareRows.ts"
import { makeSearchCheck } from "./checkSearch.ts"
import type { Differences } from "./Difference.ts"
import { type FoldedTable, foldedTables } from "./foldedTables.ts"
import { compareThreads, type OfThread, type Ordered, readOrdered } from "./ordered.ts"

/** Rows of a table, and events, that are read in one go. An event is at most 256 KiB; a row may hold a whole message. */
const PAGE = 256

export interface Checked {
  /** The checkpoint, where the fold stopped. */
  readonly position: number
  readonly head: number
  readonly events: number
  readonly threads: number
  /** Of all tables, live. */
  readonly rows: number
  /** Words that the search index was asked for. */
  readonly lookups: number
}

export interface CheckThreadsOptions {
  readonly differences: Differences
  /** How many texts the search index is asked for before only every 500th is. */
  readonly lookups: number
  readonly onProgress: (events: number, of: number) => void
}

/** Reads only. Takes no lock but that which keeps the tables from being replaced or altered meanwhile. */
export const checkThreads = (
  sql: SqlClient,
  options: CheckThreadsOptions
): Effect.Effect<Checked, SqlError> =>
  sql.withTransaction(
    Effect.gen(function* () {
      yield* sql`set transaction isolation level repeatable read`
      // Before the snapshot is taken: it then is one of these tables, and not of some that were replaced.
      yield* sql.unsafe(
        `lock table event, log_head, projection, ${foldedTables.map(({ name }) => name).join(", ")} in access share mode`
      )
      // Rows come in the order of the keys from the indexes, and the search index is asked for what it is there for.
      yield* sql`set local enable_seqscan = off`
      yield* sql`set local enable_sort = off`
      return yield* compareAll(sql, options)
    })
  )

interface LiveTable {
  readonly table: FoldedTable
  readonly live: Ordered<LiveRow & OfThread>
}

const compareAll = Effect.fnUntraced(function* (
  sql: SqlClient,
  { differences, lookups, onProgress }: CheckThreadsOptions
) {
  const [log] = yield* sql<{ readonly position: bigint }>`select position from log_head`
  const head = Number(log!.position)
  const { checkpoint: position } = yield* makeCheckpoint(sql, threadShape).read
  if (position > head) {
    differences.add({
      table: "projection",
      key: { name: threadShape.name },
      kind: "different",
      column: "position",
      live: String(position),
      folded: `${head} at most`
    })
  }
  yield* compareColumns(sql, differences)

  const tables = yield* Effect.forEach(foldedTables, (table) =>
    Effect.map(
      readOrdered<LiveRow & OfThread>(sql, `live_${table.name}`, selectText(table), PAGE),
      (live): LiveTable => ({ table, live })
    )
  )
  const events = yield* readOrdered<StoredEvent>(
    sql,
    "log",
    `select ${eventColumns} from event where position <= ${position} order by tenant, thread_id, event.version`,
    PAGE
  )
  const search = makeSearchCheck(sql, differences, lookups)
  const seen = { events: 0, threads: 0, rows: 0 }
  const of = Math.min(position, head)

  /** All rows that come before the thread, or all that are left: nothing in the log made them. */
  const passExtra = Effect.fnUntraced(function* ({ live, table }: LiveTable, thread: OfThread | undefined) {
    while (true) {
      const next = yield* live.next
      if (next === undefined || (thread !== undefined && compareThreads(next, thread) >= 0)) return
      const rows = yield* live.take(next)
      seen.rows += rows.length
      for (const row of rows) addExtra(table, row, differences)
    }
  })

  const fold = Effect.fnUntraced(function* (thread: OfThread) {
    let view: ThreadView | undefined = emptyThreadView(thread.thread_id as ThreadId)
    while (true) {
      const page = yield* events.take(thread)
      if (page.length === 0) return view
      seen.events += page.length
      if (view !== undefined) {
        const before: ThreadView = view
        const folded = yield* Effect.result(
          Effect.try({ try: () => foldThread(before, page.map(eventOf)), catch: String })
        )
        view = Result.isSuccess(folded) ? folded.success : undefined
        if (Result.isFailure(folded)) {
          differences.add({
            table: "event",
            key: { tenant: thread.tenant, thread_id: thread.thread_id },
            kind: "different",
            column: "data",
            live: folded.failure,
            folded: "events that can be folded"
          })
        }
      }
      onProgress(seen.events, of)
    }
  })

  const compareThread = Effect.fnUntraced(function* (thread: OfThread) {
    seen.threads++
    const view = yield* fold(thread)
    for (const each of tables) {
      yield* passExtra(each, thread)
      const rows: Array<LiveRow> = []
      while (true) {
        const page = yield* each.live.take(thread)
        if (page.length === 0) break
        rows.push(...page)
      }
      seen.rows += rows.length
      if (view !== undefined)
        compareRows(each.table, rows, each.table.rows(thread.tenant as TenantId, view), differences)
    }
    if (view !== undefined) yield* search.check(thread, view)
  })

  while (true) {
    const thread = yield* events.next
    if (thread === undefined) break
    yield* compareThread({ tenant: thread.tenant, thread_id: thread.thread_id })
  }
  for (const each of tables) yield* passExtra(each, undefined)
  if (seen.events !== of) {
    differences.add({
      table: "event",
      key: {},
      kind: "different",
      column: "position",
      live: `${seen.events} events`,
      folded: `${of}, one for each position up to the checkpoint`
    })
  }
  return { position, head, ...seen, lookups: search.lookups() } satisfies Checked
})

const selectText = ({ columns, key, name }: FoldedTable): string => {
  const selected = ["tenant", "thread_id", ...key, ...columns].map(
    (column) => `x.${column}::text as ${column}`
  )
  const order = ["tenant", "thread_id", ...key].map((column) => `x.${column}`)
  return `select ${selected.join(", ")} from ${name} x order by ${order.join(", ")}`
}

/** A column that nobody knows of would not be compared with anything. */
const compareColumns = Effect.fnUntraced(function* (sql: SqlClient, differences: Differences) {
  const rows = yield* sql<{ readonly table: string; readonly column: string }>`
    select relname as "table", attname as "column"
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where relnamespace = current_schema()::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
    order by relname, attnum`
  for (const { columns, key, name } of foldedTables) {
    const known = new Set(["tenant", "thread_id", ...key, ...columns])
    for (const { column, table } of rows) {
      if (table !== name || known.has(column)) continue
      differences.add({
        table: name,
        key: {},
        kind: "different",
        column,
        live: "a column",
        folded: "no column: nothing is known of it"
      })
    }
  }
})
