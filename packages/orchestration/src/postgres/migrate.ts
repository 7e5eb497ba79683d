/**
 * Brings Spillway's schema up to date. Safe when several servers start at once: the first one in does the work under an
 * advisory lock, the others wait and find it done. All of it is one transaction: a start that is cut off leaves nothing.
 */
import { PgConnection } from "@effect/sql-pg"
import { Effect } from "effect"
import { hash } from "node:crypto"
import { type ConnectionOptions, connectionConfig, DEFAULT_SCHEMA } from "./connection.ts"
import { isTooOld, MigrationFailed, SchemaUnknown, tooOld, unreachable } from "./DatabaseError.ts"
import { type Migration, migrations as all } from "./migrations/index.ts"
import { causeText } from "./sqlFailure.ts"

export const migrate = Effect.fn("Postgres.migrate")(
  function* (options: ConnectionOptions, migrations: ReadonlyArray<Migration> = all) {
    const schema = options.schema ?? DEFAULT_SCHEMA
    if (!/^[a-z_][a-z0-9_]{0,39}$/.test(schema)) {
      return yield* new MigrationFailed({
        message: `"${schema}" can't name a schema: use up to 40 lower case letters, digits and underscores.`
      })
    }
    const connection = yield* PgConnection.make(connectionConfig(options, "migrate")).pipe(
      Effect.mapError(unreachable)
    )
    yield* refuseOldServer(connection)
    const run = (statement: string, params?: ReadonlyArray<unknown>) =>
      Effect.map(connection.query(statement, params, false), (result) => result.rows)

    yield* run("begin")
    yield* Effect.gen(function* () {
      yield* run("select pg_advisory_xact_lock(hashtextextended($1::text, 0))", [
        `spillway migrate ${schema}`
      ])
      yield* run(`create schema if not exists ${schema}`)
      yield* run(
        `create table if not exists migration (
          id integer primary key, name text not null, digest text not null, applied_at timestamptz not null default now()
        )`
      )
      const applied = (yield* run(
        "select id, name, digest from migration order by id"
      )) as unknown as ReadonlyArray<AppliedRow>
      yield* refuseUnknown(applied, migrations, schema)
      for (const migration of migrations.slice(applied.length)) {
        for (const statement of migration.statements) yield* run(statement)
        yield* run("insert into migration (id, name, digest) values ($1, $2, $3)", [
          migration.id,
          migration.name,
          digestOf(migration)
        ])
        yield* Effect.logDebug(`Applied migration ${migration.id} (${migration.name})`)
      }
    }).pipe(Effect.tapError(() => Effect.ignore(run("rollback"))))
    yield* run("commit")
  },
  Effect.catchTag("SqlError", (error) =>
    Effect.fail(
      new MigrationFailed({
        message: `Spillway's tables can't be brought up to date (${causeText(error)}): check the rights of the database user and start again.`,
        cause: error
      })
    )
  ),
  Effect.scoped
)

/** Fails where the tables are not those of this version. */
export const expectMigrated = Effect.fn("Postgres.expectMigrated")(function* (options: ConnectionOptions) {
  const schema = options.schema ?? DEFAULT_SCHEMA
  const connection = yield* PgConnection.make(connectionConfig(options, "migrate")).pipe(
    Effect.mapError(unreachable)
  )
  const result = yield* connection.query("select id, name, digest from migration order by id").pipe(
    Effect.mapError(
      () =>
        new SchemaUnknown({
          message: `There is no log in the schema "${schema}" of this database: start a server on it first.`
        })
    )
  )
  const applied = result.rows as unknown as ReadonlyArray<AppliedRow>
  yield* refuseUnknown(applied, all, schema)
  if (applied.length < all.length) {
    return yield* new SchemaUnknown({
      message: `The schema "${schema}" was made by an older Spillway: start this version's server once, which brings it up to date.`
    })
  }
}, Effect.scoped)

interface AppliedRow {
  readonly id: number
  readonly name: string
  readonly digest: string
}

const digestOf = (migration: Migration): string => hash("sha256", migration.statements.join(";\n"), "hex")

const refuseOldServer = Effect.fnUntraced(function* (connection: PgConnection.PgConnection) {
  const result = yield* connection.query("select current_setting('server_version') as version")
  const { version } = result.rows[0] as { readonly version: string }
  if (isTooOld(version)) return yield* tooOld(version)
})

const refuseUnknown = (
  applied: ReadonlyArray<AppliedRow>,
  migrations: ReadonlyArray<Migration>,
  schema: string
) => {
  for (const row of applied) {
    const known = migrations[row.id - 1]
    if (known === undefined) {
      return Effect.fail(
        new SchemaUnknown({
          message: `The schema "${schema}" was made by a newer Spillway (migration ${row.id}, ${row.name}): start that version or newer.`
        })
      )
    }
    if (row.name !== known.name || row.digest !== digestOf(known)) {
      return Effect.fail(
        new SchemaUnknown({
          message: `Migration ${row.id} (${row.name}) of the schema "${schema}" is another one than this Spillway's: use the version that made it, or another schema.`
        })
      )
    }
  }
  return Effect.void
}
