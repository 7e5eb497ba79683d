/**
 * A read model's table, as its projection writes it: many rows in one statement. Which columns an existing row gets anew
 * is said per column, so that a large value that never changes is not written again with every small one that does.
 */
import { PgTypes } from "@effect/sql-pg"
import { Effect, Result } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"

const types = {
  text: PgTypes.OID.text,
  int: PgTypes.OID.int4,
  boolean: PgTypes.OID.bool,
  json: PgTypes.OID.json
} as const

export interface Column {
  readonly type: keyof typeof types
  /**
   * `key`: together these name the row. `once`: written when the row is new. `update`: written each time. `given`: left as it
   * is where the value is `null`.
   */
  readonly write: "key" | "once" | "update" | "given"
}

export const key = (type: Column["type"]): Column => ({ type, write: "key" })
export const once = (type: Column["type"]): Column => ({ type, write: "once" })
export const update = (type: Column["type"]): Column => ({ type, write: "update" })
export const given = (type: Column["type"]): Column => ({ type, write: "given" })

export interface Table<Row> {
  readonly name: string
  readonly columns: ReadonlyArray<readonly [name: keyof Row & string, column: Column]>
  /** Takes one array for each column, in their order. */
  readonly upsert: string
  /** The same, for rows that are new. */
  readonly insert: string
}

export type RowOf<T> = T extends Table<infer Row> ? Row : never

/** `Row` holds JSON columns as values. */
export const table = <Row>(
  name: string,
  columns: Readonly<Record<keyof Row & string, Column>>
): Table<Row> => {
  const entries = Object.entries(columns) as unknown as Table<Row>["columns"]
  const named = (write: Column["write"]) =>
    entries.filter(([, column]) => column.write === write).map(([name]) => name)
  const sets = [
    ...named("update").map((column) => `${column} = excluded.${column}`),
    ...named("given").map((column) => `${column} = coalesce(excluded.${column}, ${name}.${column})`)
  ]
  const insert =
    `insert into ${name} (${entries.map(([column]) => column).join(", ")}) ` +
    `select * from unnest(${entries.map(([, { type }], i) => `$${i + 1}::${type}[]`).join(", ")})`
  return {
    name,
    columns: entries,
    insert,
    upsert:
      `${insert} on conflict (${named("key").join(", ")}) do ` +
      (sets.length === 0 ? "nothing" : `update set ${sets.join(", ")}`)
  }
}

/** Writes rows in one statement. A row must not occur twice in them. */
export const upsert = <Row>(sql: SqlClient, table: Table<Row>, rows: ReadonlyArray<Row>) =>
  write(sql, table, table.upsert, rows)

/** Writes new rows in one statement, whether or not the table has its indexes yet. */
export const insert = <Row>(sql: SqlClient, table: Table<Row>, rows: ReadonlyArray<Row>) =>
  write(sql, table, table.insert, rows)

const write = <Row>(
  sql: SqlClient,
  table: Table<Row>,
  statement: string,
  rows: ReadonlyArray<Row>
): Effect.Effect<void, SqlError> =>
  rows.length === 0
    ? Effect.void
    : Effect.asVoid(
        sql.unsafe(
          statement,
          table.columns.map(([name, { type }]) =>
            Result.getOrThrow(
              PgTypes.array(
                rows.map((row) => row[name]),
                types[type]
              )
            )
          )
        )
      )
