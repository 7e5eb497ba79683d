/** Reads of the thread list. */
import type { TenantId, ThreadId, ThreadSummary } from "@spillway/contracts"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import { activityOf } from "./summary.ts"
import type { ThreadRow } from "./tables.ts"

interface SummaryRow extends Pick<
  ThreadRow,
  | "thread_id"
  | "version"
  | "status"
  | "title"
  | "active_turn_id"
  | "pending_requests"
  | "turn_count"
  | "message_count"
  | "created_at"
  | "updated_at"
> {
  readonly preview: string
}

// The newest turn in which something was said, which is one of the last few.
const columns = `
  t.thread_id, t.version, t.status, t.title, t.active_turn_id, t.pending_requests, t.turn_count, t.message_count,
  t.created_at, t.updated_at,
  coalesce((
    select turn.preview from turn
    where turn.tenant = t.tenant and turn.thread_id = t.thread_id and turn.preview <> ''
    order by turn.turn_index desc limit 1), '') as preview`

const summaryOf = (row: SummaryRow): ThreadSummary => ({
  threadId: row.thread_id,
  version: row.version,
  status: row.status,
  title: row.title,
  activity: activityOf(row.active_turn_id, row.pending_requests),
  turnCount: row.turn_count,
  messageCount: row.message_count,
  preview: row.preview,
  createdAt: row.created_at,
  updatedAt: row.updated_at
})

/** Threads that were not deleted, last updated first; those after `before`, in that order, if it is given. */
export const readThreadList = (
  sql: SqlClient,
  tenant: TenantId,
  limit: number,
  before?: { readonly updatedAt: string; readonly threadId: string }
) =>
  Effect.map(
    sql<SummaryRow>`
      select ${sql.literal(columns)} from (
        select * from thread
        where tenant = ${tenant} and status <> 'deleted'
          ${
            before === undefined
              ? sql.literal("")
              : sql`and updated_hour <= left(${before.updatedAt}, 13)
                    and (updated_at, thread_id) < (${before.updatedAt}, ${before.threadId})`
          }
        order by updated_hour desc, updated_at desc, thread_id desc limit ${limit}) t
      order by t.updated_at desc, t.thread_id desc`,
    (rows) => rows.map(summaryOf)
  )

/** The threads that exist among these, in no order. */
export const readSummaries = (sql: SqlClient, tenant: TenantId, threadIds: ReadonlyArray<ThreadId>) =>
  Effect.map(
    sql<SummaryRow>`
      select ${sql.literal(columns)} from thread t where t.tenant = ${tenant} and t.thread_id = any(${threadIds}::text[])`,
    (rows) => rows.map(summaryOf)
  )
