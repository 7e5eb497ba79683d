/** Both hash chains of a log, recomputed from the rows of its database. */
import { PgConnection } from "@effect/sql-pg"
import { EMPTY_LOG, type StoredRow, verifyRange } from "@spillway/orchestration"
import { Effect, type Redacted, Result } from "effect"

/** The position up to which the log is what was written; fails where it is not. */
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
  if (Result.isFailure(verified)) return yield* Effect.die(new Error(verified.failure.message))
  const { hash, position } = verified.success
  if (head === undefined || head.hash !== hash || head.position !== position) {
    return yield* Effect.die(new Error(`The log's head is not where its events end, at ${position}.`))
  }
  return position
}, Effect.scoped)
