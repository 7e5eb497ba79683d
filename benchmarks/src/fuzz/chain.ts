/** Both hash chains of a log, recomputed from the rows of its database. */
import { PgConnection } from "@effect/sql-pg"
import { EMPTY_LOG, type StoredRow, verifyRange } from "@spillway/orchestration"
import { Effect, type Redacted, Result } from "effect"

/** How far the log goes, and what is not as it was written; `null`: nothing. */
export const verifyChain = Effect.fnUntraced(function* (url: Redacted.Redacted) {
  const session = yield* PgConnection.make({ url })
  const query = <Row>(statement: string) =>
    Effect.map(session.query(statement), ({ rows }) => rows as unknown as ReadonlyArray<Row>)
  const rows = yield* query<StoredRow>(
    `select position::int, tenant, thread_id as "threadId", version::int, type, schema_version::int as "schemaVersion",
       command_id as "commandId", causation_id as "causationId", correlation_id as "correlationId", actor,
       spillway.iso_time(at) as at, data::text as data, encoding::int, encode(hash, 'hex') as hash
     from spillway.event order by position`
  )
  const [head] = yield* query<{ readonly position: number; readonly hash: string }>(
    "select position::int, encode(hash, 'hex') as hash from spillway.log_head"
  )
  const verified = verifyRange(EMPTY_LOG, rows)
  if (Result.isFailure(verified)) return { position: rows.length, broken: verified.failure.message }
  const { hash, position } = verified.success
  const isWhole = head?.hash === hash && head.position === position
  return { position, broken: isWhole ? null : `The log's head is not where its events end, at ${position}.` }
}, Effect.scoped)
