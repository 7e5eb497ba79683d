/**
 * How far a projection has come: one row for each, which says of which shape and generation its tables are, too. A rebuild puts
 * another generation in their place.
 */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import { answerWithin } from "../postgres/answerWithin.ts"
import { READ_TIMEOUT } from "../postgres/reading.ts"
import type { ProjectionStatus } from "../ReadModels.ts"
import type { Projection } from "./Projection.ts"

interface CheckpointRow {
  readonly version: number
  readonly generation: number
  readonly position: bigint
  readonly failed: string | null
}

/** What the row says; before the projection ever ran, that its tables are new and empty. */
export interface Stand extends ProjectionStatus {
  readonly version: number
  readonly generation: number
}

export const statusOf = ({ checkpoint, failed, projection }: Stand): ProjectionStatus => ({
  projection,
  checkpoint,
  failed
})

export const makeCheckpoint = (sql: SqlClient, { name, version }: Pick<Projection, "name" | "version">) => {
  const columns = sql.literal("version, generation, position, failed")
  const standOf = ([row]: ReadonlyArray<CheckpointRow>): Stand => ({
    projection: name,
    checkpoint: Number(row?.position ?? 0),
    failed: row?.failed ?? null,
    version: row?.version ?? version,
    generation: row?.generation ?? 1
  })
  const read = sql<CheckpointRow>`select ${columns} from projection where name = ${name}`.pipe(
    answerWithin(READ_TIMEOUT),
    Effect.map(standOf)
  )
  return {
    /** Where the projection stands; at 0 before it ever ran. */
    read,
    /**
     * Where to begin. A failure of an earlier run is forgotten: this one may know better. Tables of another shape are left to whoever
     * knows it.
     */
    start: Effect.andThen(
      sql`insert into projection as stored (name, version) values (${name}, ${version})
        on conflict (name) do update set failed = null where stored.version = excluded.version`.pipe(
        answerWithin(READ_TIMEOUT)
      ),
      read
    ),
    /** Where it stands, and with it the right to be the only one who writes until the transaction ends. */
    lock: Effect.map(
      sql<CheckpointRow>`select ${columns} from projection where name = ${name} for update`,
      standOf
    ),
    advance: (position: number) =>
      Effect.asVoid(sql`update projection set position = ${position}, failed = null where name = ${name}`),
    /** Says why the projection can't get past `position`, unless another process has. */
    fail: (position: number, failed: string) =>
      Effect.asVoid(
        sql`update projection set failed = ${failed} where name = ${name} and position = ${position}`
      ),
    /** After `lock`, in its transaction: other tables hold everything up to `position`, and these are they now. */
    replace: (position: number) =>
      Effect.asVoid(
        sql`insert into projection as stored (name, version, position, generation) values (${name}, ${version}, ${position}, 2)
          on conflict (name) do update set
            version = excluded.version, position = excluded.position, failed = null, generation = stored.generation + 1`
      )
  }
}

export type Checkpoint = ReturnType<typeof makeCheckpoint>
