/** Reads of the thread list. */
import type { TenantId, ThreadId, ThreadSummary } from "@spillway/contracts"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { ThreadListOptions } from "../../ReadModels.ts"
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

const doing: { readonly [Activity in ThreadSummary["activity"]]: string } = {
  idle: "and active_turn_id is null",
  working: "and active_turn_id is not null and pending_requests = 0",
  waiting: "and active_turn_id is not null and pending_requests > 0"
}

const listed = (archived: boolean | undefined): ReadonlyArray<ThreadSummary["status"]> =>
  archived === undefined ? ["active", "archived"] : archived ? ["archived"] : ["active"]

/**
 * Threads that were not deleted, last updated first; those after `before`, in that order, if it is given. Each status is a list of its
 * own, in the order of the index, so that many threads of one status are not in the way of another one's.
 */
export const readThreadList = (
  sql: SqlClient,
  tenant: TenantId,
  limit: number,
  { activity, archived, before }: Omit<ThreadListOptions, "limit">
) =>
  Effect.map(
    sql<SummaryRow>`
      select ${sql.literal(columns)} from unnest(${listed(archived)}::text[]) wanted (status) cross join lateral (
        select * from thread
        where tenant = ${tenant} and status = wanted.status
          ${sql.literal(activity === undefined ? "" : doing[activity])}
          ${
            before === undefined
              ? sql.literal("")
              : sql`and updated_hour <= left(${before.updatedAt}, 13)
                    and (updated_at, thread_id) < (${before.updatedAt}, ${before.threadId})`
          }
        order by updated_hour desc, updated_at desc, thread_id desc limit ${limit}) t
      order by t.updated_at desc, t.thread_id desc limit ${limit}`,
    (rows) => rows.map(summaryOf)
  )

/** The threads that exist among these, in no order. */
export const readSummaries = (sql: SqlClient, tenant: TenantId, threadIds: ReadonlyArray<ThreadId>) =>
  Effect.map(
    sql<SummaryRow>`
      select ${sql.literal(columns)} from thread t where t.tenant = ${tenant} and t.thread_id = any(${threadIds}::text[])`,
    (rows) => rows.map(summaryOf)
  )
