/** The log as it lies in its table, with both of its hash chains recomputed. */
import { PgConnection } from "@effect/sql-pg"
import { EMPTY_LOG, type StoredRow, verifyRange } from "@spillway/orchestration"
import { Effect, type Redacted, Result } from "effect"

export const storedLog = Effect.fnUntraced(function* (url: Redacted.Redacted) {
  const sql = yield* Effect.orDie(PgConnection.make({ url, startupParameters: { search_path: "spillway" } }))
  const read = (statement: string) => Effect.map(Effect.orDie(sql.query(statement)), ({ rows }) => rows)
  const rows = (yield* read(
    `select position::int, tenant, thread_id as "threadId", version::int, type, schema_version::int as "schemaVersion",
       command_id as "commandId", causation_id as "causationId", correlation_id as "correlationId", actor, encoding::int,
       data::text, encode(hash, 'hex') as hash, to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
     from event order by position`
  )) as unknown as ReadonlyArray<StoredRow>
  const [head] = yield* read("select position::int, encode(hash, 'hex') as hash from log_head")
  const verified = verifyRange(EMPTY_LOG, rows)
  return {
    rows,
    /** Where the log says that it ends. */
    head,
    /** Where the chains end, or the first place where they don't hold. */
    recomputed: Result.isSuccess(verified)
      ? { position: verified.success.position, hash: verified.success.hash }
      : verified.failure
  }
}, Effect.scoped)
