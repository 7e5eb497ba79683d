/** Everything that the database holds at the end, read by a connection of the harness's own. */
import { PgConnection } from "@effect/sql-pg"
import type { LoggedEvent } from "@spillway/contracts"
import type { StoredRow } from "@spillway/orchestration"
import { Effect, type Redacted } from "effect"

export interface StoredReceipt {
  readonly commandId: string
  readonly threadId: string
  readonly status: "accepted" | "rejected"
  readonly version: number | null
  readonly rejection: unknown
}

export interface LogEvidence {
  /** As they are stored, in the order of their positions. */
  readonly rows: ReadonlyArray<StoredRow>
  readonly events: ReadonlyArray<LoggedEvent>
  readonly byThread: ReadonlyMap<string, ReadonlyArray<LoggedEvent>>
  readonly head: { readonly position: number; readonly hash: string }
  readonly receipts: ReadonlyMap<string, StoredReceipt>
  readonly cursors: ReadonlyMap<string, { readonly generation: number; readonly through: number }>
  /** Sessions whose text still lies in the checkpoint. */
  readonly checkpointed: ReadonlySet<string>
}

/** Rows that are read in one go. */
const PAGE = 5_000

interface EventColumns extends Omit<StoredRow, "position" | "version" | "schemaVersion" | "encoding"> {
  readonly position: string
  readonly version: string
  readonly schemaVersion: number
  readonly encoding: number
}

export const readLog = Effect.fnUntraced(function* (url: Redacted.Redacted) {
  const connection = yield* PgConnection.make({ url, startupParameters: { search_path: "spillway" } })
  const query = <Row>(statement: string, parameters: ReadonlyArray<unknown> = []) =>
    Effect.map(
      connection.query(statement, parameters),
      (result) => result.rows as unknown as ReadonlyArray<Row>
    )

  const rows: Array<StoredRow> = []
  for (;;) {
    const page = yield* query<EventColumns>(
      `select position::text, tenant, thread_id as "threadId", version::text, type, schema_version::int as "schemaVersion",
         command_id as "commandId", causation_id as "causationId", correlation_id as "correlationId", actor,
         iso_time(at) as at, encoding::int, data::text as data, encode(hash, 'hex') as hash
       from event where event.position > $1::bigint order by event.position limit ${PAGE}`,
      [BigInt(rows.at(-1)?.position ?? 0)]
    )
    for (const row of page) {
      rows.push({ ...row, position: Number(row.position), version: Number(row.version) })
    }
    if (page.length < PAGE) break
  }
  const [head] = yield* query<{ position: string; hash: string }>(
    "select position::text, encode(hash, 'hex') as hash from log_head"
  )
  const receipts = yield* query<Omit<StoredReceipt, "version"> & { version: string | null }>(
    `select command_id as "commandId", thread_id as "threadId", status, version::text, rejection from command_receipt`
  )
  const cursors = yield* query<{ session_id: string; generation: number; through: string }>(
    "select session_id, generation, through::text from session_cursor"
  )
  const checkpointed = yield* query<{ session_id: string }>("select distinct session_id from text_checkpoint")

  const events = rows.map(
    ({ data, encoding: _, ...row }) => ({ ...row, data: JSON.parse(data) as unknown }) as LoggedEvent
  )
  const evidence: LogEvidence = {
    rows,
    events,
    byThread: Map.groupBy(events, ({ threadId }) => threadId as string),
    head: { position: Number(head!.position), hash: head!.hash },
    receipts: new Map(
      receipts.map((row) => [
        row.commandId,
        { ...row, version: row.version === null ? null : Number(row.version) }
      ])
    ),
    cursors: new Map(
      cursors.map(({ generation, session_id, through }) => [
        session_id,
        { generation, through: Number(through) }
      ])
    ),
    checkpointed: new Set(checkpointed.map(({ session_id }) => session_id))
  }
  return evidence
}, Effect.scoped)
