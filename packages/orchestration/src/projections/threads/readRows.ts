/**
 * Reads of the thread tables. A row comes as JSON in a row of its own: one answer then holds rows of all tables, in one
 * snapshot, and no single row of it grows with the thread.
 */
import type { MessageId, TenantId, ThreadId, TurnId } from "@spillway/contracts"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { isShown } from "./shown.ts"
import { noRows, type Rows, type ThreadRow, turnTables } from "./tables.ts"

interface Found {
  readonly table: keyof Rows
  readonly row: never
}

const ofTurns = Object.keys(turnTables)

const group = (found: ReadonlyArray<Found>): Rows => {
  const rows = noRows()
  for (const { row, table } of found) rows[table].push(row)
  return rows
}

// Turn indexes are dense, so a page of turns is a range, which the primary key of every table answers.
const pageOfThread = `
with page as (
  select coalesce(min(turn_index), 0) as first, coalesce(max(turn_index), -1) as last
  from (
    select turn_index from turn
    where tenant = $1 and thread_id = $2 and ($3::text is null or turn_index < (
      select cursor.turn_index from turn cursor
      where cursor.tenant = $1 and cursor.thread_id = $2 and cursor.turn_id = $3))
    order by turn_index desc limit $4) held
)
select 'thread' as "table", row_to_json(x) as "row" from thread x where x.tenant = $1 and x.thread_id = $2
${ofTurns
  .map(
    (name) => `union all
select '${name}', row_to_json(x) from ${name} x
where x.tenant = $1 and x.thread_id = $2
  and x.turn_index between (select first from page) and (select last from page)`
  )
  .join("\n")}`

/**
 * A thread's row, and all rows of its last `turns` turns, or of those before the turn `before`. An unknown `before` has no
 * turns before it.
 */
export const readThreadRows = (
  sql: SqlClient,
  thread: { readonly tenant: TenantId; readonly threadId: ThreadId },
  page: { readonly before: string | null; readonly turns: number }
) =>
  Effect.map(
    sql.unsafe<Found>(pageOfThread, [thread.tenant, thread.threadId, page.before, page.turns]),
    group
  )

// A retried turn's message is in the new one too: the last one of an id is the one that counts.
const messagesOfThread = `
with page as materialized (
  select m.turn_index, m.message_index
  from message m join turn t using (tenant, thread_id, turn_index)
  where m.tenant = $1 and m.thread_id = $2 and ${isShown}
    and ($3::text is null or (m.turn_index, m.message_index) < (
      select cursor.turn_index, cursor.message_index from message cursor
      where cursor.tenant = $1 and cursor.thread_id = $2 and cursor.message_id = $3
      order by cursor.turn_index desc limit 1))
  order by m.turn_index desc, m.message_index desc limit $4
)
select 'thread' as "table", row_to_json(x) as "row" from thread x where x.tenant = $1 and x.thread_id = $2
union all
select 'turn', row_to_json(x) from turn x
where x.tenant = $1 and x.thread_id = $2 and x.turn_index in (select turn_index from page)
${["message", "message_part", "tool_call"]
  .map(
    (name) => `union all
select '${name}', row_to_json(x) from page join ${name} x using (turn_index, message_index)
where x.tenant = $1 and x.thread_id = $2`
  )
  .join("\n")}`

/**
 * A thread's row, and the rows of its last `limit` messages that are shown, or of those before the message `before`, with their turns'.
 * An unknown `before` has no messages before it.
 */
export const readMessageRows = (
  sql: SqlClient,
  thread: { readonly tenant: TenantId; readonly threadId: ThreadId },
  page: { readonly before: MessageId | null; readonly limit: number }
) =>
  Effect.map(
    sql.unsafe<Found>(messagesOfThread, [thread.tenant, thread.threadId, page.before, page.limit]),
    group
  )

const threadsByKey = `
select 'thread' as "table", row_to_json(x) as "row"
from unnest($1::text[], $2::text[]) wanted (tenant, thread_id) join thread x using (tenant, thread_id)`

/** The rows of the threads that exist among these. */
export const readThreadHeads = (
  sql: SqlClient,
  threads: ReadonlyArray<{ readonly tenant: TenantId; readonly threadId: ThreadId }>
): Effect.Effect<ReadonlyArray<ThreadRow>, SqlError> =>
  Effect.map(
    sql.unsafe<Found>(threadsByKey, [
      threads.map(({ tenant }) => tenant),
      threads.map(({ threadId }) => threadId)
    ]),
    (found) => group(found).thread
  )

const turnsById = `
with wanted as materialized (
  select turn.tenant, turn.thread_id, turn.turn_index
  from unnest($1::text[], $2::text[], $3::text[]) named (tenant, thread_id, turn_id)
  join turn using (tenant, thread_id, turn_id)
)
${ofTurns
  .map(
    (name) =>
      `select '${name}' as "table", row_to_json(x) as "row" from wanted join ${name} x using (tenant, thread_id, turn_index)`
  )
  .join("\nunion all\n")}`

/** All rows of the turns that exist among these. */
export const readTurnRows = (
  sql: SqlClient,
  turns: ReadonlyArray<{ readonly tenant: TenantId; readonly threadId: ThreadId; readonly turnId: TurnId }>
) =>
  Effect.map(
    sql.unsafe<Found>(turnsById, [
      turns.map(({ tenant }) => tenant),
      turns.map(({ threadId }) => threadId),
      turns.map(({ turnId }) => turnId)
    ]),
    group
  )
