/**
 * An append as the parameters of the SQL function: one array per column. Types are named, not inferred: an array may be
 * empty or hold nothing but nulls, and one prepared statement serves every append. Sent in binary, text arrives as it is,
 * whatever quotes, braces and line breaks it holds.
 */
import { PgTypes } from "@effect/sql-pg"
import { Result } from "effect"
import { threadKey } from "../threadKey.ts"
import type { Append, CheckpointRow, CursorRow, EventRow, ReceiptRow } from "../EventLog.ts"

const { OID } = PgTypes

/** `$first` to `$last`. */
const placeholders = (first: number, last: number): string =>
  Array.from({ length: last - first + 1 }, (_, i) => `$${first + i}`).join(", ")

const APPEND = 30
const CHECKPOINT = 13

export const appendStatement = `select first_position, refusal from append(${placeholders(1, APPEND)})`

/** One statement, and so one transaction: what is selected is worked out when the append has answered. */
export const appendWithCheckpointStatement = `
select
  first_position, refusal,
  case when refusal is null then checkpoint_text(${placeholders(APPEND + 1, APPEND + CHECKPOINT)}) end
from append(${placeholders(1, APPEND)})`

/** Whether an append is one of the few that have to do with un-flushed text. */
export const hasCheckpoint = ({ checkpoints, ended }: Append): boolean =>
  checkpoints.length > 0 || ended.length > 0

export const appendParameters = (
  { cursors, epoch, events, receipts }: Append,
  channel: string,
  writer: string
): ReadonlyArray<PgTypes.Parameter> => [
  ...eventColumns(events),
  ...beforeColumns(followers(events)),
  ...receiptColumns(receipts),
  ...cursorColumns(cursors),
  PgTypes.int8(epoch === null ? null : BigInt(epoch)),
  PgTypes.text(channel),
  PgTypes.text(writer)
]

/** What comes behind the append's own parameters. */
export const checkpointParameters = ({ checkpoints, ended }: Append): ReadonlyArray<PgTypes.Parameter> => [
  ...pieceColumns(checkpoints),
  column(ended, OID.text, (sessionId) => sessionId)
]

const eventColumns = (rows: ReadonlyArray<EventRow>) => [
  column(rows, OID.text, (row) => row.tenant),
  column(rows, OID.text, (row) => row.threadId),
  column(rows, OID.int8, (row) => BigInt(row.version)),
  column(rows, OID.text, (row) => row.type),
  column(rows, OID.int2, (row) => row.schemaVersion),
  column(rows, OID.int2, (row) => row.encoding),
  column(rows, OID.text, (row) => row.commandId),
  column(rows, OID.text, (row) => row.causationId),
  column(rows, OID.text, (row) => row.correlationId),
  column(rows, OID.text, (row) => row.actor),
  timeColumn(rows),
  column(rows, OID.text, (row) => row.data),
  column(rows, OID.bytea, (row) => Buffer.from(row.hash, "hex"))
]

const beforeColumns = (rows: ReadonlyArray<EventRow>) => [
  column(rows, OID.text, (row) => row.tenant),
  column(rows, OID.text, (row) => row.threadId),
  column(rows, OID.int8, (row) => BigInt(row.version - 1))
]

/** The first event of each thread that follows one in the log; the others follow it one by one. */
const followers = (rows: ReadonlyArray<EventRow>): ReadonlyArray<EventRow> => {
  const last = new Map<string, number>()
  return rows.filter((row) => {
    const key = threadKey(row)
    const previous = last.get(key)
    if (previous !== undefined && row.version !== previous + 1) {
      throw new RangeError(`Version ${row.version} of ${row.threadId} does not follow ${previous}`)
    }
    last.set(key, row.version)
    return previous === undefined && row.version > 1
  })
}

const receiptColumns = (rows: ReadonlyArray<ReceiptRow>) => [
  column(rows, OID.text, (row) => row.tenant),
  column(rows, OID.text, (row) => row.commandId),
  column(rows, OID.text, (row) => row.threadId),
  column(rows, OID.bytea, (row) => Buffer.from(row.fingerprint, "hex")),
  column(rows, OID.text, (row) => row.status),
  column(rows, OID.int8, (row) => (row.version === null ? null : BigInt(row.version))),
  column(rows, OID.text, (row) => (row.rejection === null ? null : JSON.stringify(row.rejection))),
  timeColumn(rows)
]

const cursorColumns = (rows: ReadonlyArray<CursorRow>) => [
  column(rows, OID.text, (row) => row.sessionId),
  column(rows, OID.int4, (row) => row.generation),
  column(rows, OID.int8, (row) => BigInt(row.through))
]

const pieceColumns = (rows: ReadonlyArray<CheckpointRow>) => [
  ...cursorColumns(rows),
  column(rows, OID.int4, (row) => row.ordinal),
  column(rows, OID.text, (row) => row.messageId),
  column(rows, OID.text, (row) => row.partId),
  column(rows, OID.text, (row) => row.itemId),
  column(rows, OID.text, (row) => row.toolCallId),
  column(rows, OID.text, (row) => row.kind),
  column(rows, OID.int4, (row) => row.offset),
  column(rows, OID.int4, (row) => row.resumesAt),
  column(rows, OID.text, (row) => row.text)
]

const column = <A>(rows: ReadonlyArray<A>, element: number, value: (row: A) => unknown): PgTypes.Parameter =>
  Result.getOrThrow(PgTypes.array(rows.map(value), element))

/** The rows of a batch share the time of its decision, which is read once. */
const timeColumn = (rows: ReadonlyArray<{ readonly at: string }>): PgTypes.Parameter => {
  let last = ""
  let time = 0
  return column(rows, OID.timestamptz, ({ at }) => {
    if (at !== last) {
      time = milliseconds(at)
      last = at
    }
    return time
  })
}

/** Times are stored as times and read as ISO 8601; one written otherwise would come back changed, and break its hash. */
const milliseconds = (at: string): number => {
  const time = Date.parse(at)
  if (Number.isNaN(time) || new Date(time).toISOString() !== at) {
    throw new RangeError(`${at} is not a time in ISO 8601, UTC, with milliseconds`)
  }
  return time
}
