/** How far a projection has come: one row for each name and version. */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { ProjectionStatus } from "../ReadModels.ts"
import type { Projection } from "./Projection.ts"

interface CheckpointRow {
  readonly position: bigint
  readonly failed: string | null
}

export const makeCheckpoint = (sql: SqlClient, { name, version }: Pick<Projection, "name" | "version">) => {
  const status = (rows: ReadonlyArray<CheckpointRow>): ProjectionStatus => ({
    projection: name,
    checkpoint: Number(rows[0]?.position ?? 0),
    failed: rows[0]?.failed ?? null
  })
  return {
    /** Where the projection stands; at 0 before it ever ran. */
    read: Effect.map(
      sql<CheckpointRow>`select position, failed from projection where name = ${name} and version = ${version}`,
      status
    ),
    /** Where to begin. A failure of an earlier run is forgotten: this one may know better. */
    start: Effect.map(
      sql<CheckpointRow>`insert into projection (name, version) values (${name}, ${version})
        on conflict (name, version) do update set failed = null returning position, failed`,
      status
    ),
    /** The position, and with it the right to be the only one who writes until the transaction ends. */
    lock: Effect.map(
      sql<CheckpointRow>`select position, failed from projection where name = ${name} and version = ${version} for update`,
      (rows) => status(rows).checkpoint
    ),
    advance: (position: number) =>
      Effect.asVoid(
        sql`update projection set position = ${position}, failed = null where name = ${name} and version = ${version}`
      ),
    /** Says why the projection can't get past `position`, unless another process has. */
    fail: (position: number, failed: string) =>
      Effect.asVoid(
        sql`update projection set failed = ${failed}
          where name = ${name} and version = ${version} and position = ${position}`
      )
  }
}

export type Checkpoint = ReturnType<typeof makeCheckpoint>
