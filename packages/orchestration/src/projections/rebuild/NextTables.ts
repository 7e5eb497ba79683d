/**
 * The tables that a rebuild fills: in a schema beside the log's, of the same names and made like the ones that serve, so that
 * statements find them when that schema is looked into first, and that nothing is renamed when they take their place.
 */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { RebuildFailed } from "./RebuildError.ts"

/** How long the switch waits for readers before it lets those behind it pass and tries again. Milliseconds. */
const LOCK_TIMEOUT = 50

/** How long the process may take between two statements of the switch. Milliseconds. */
const IDLE_TIMEOUT = 5_000

/** What building an index may take of memory. */
const INDEX_MEMORY = "128MB"

/** A reader did not let go of the tables, or somebody else alters them. */
export const isHeldUp = ({ reason }: SqlError): boolean =>
  reason._tag === "StatementTimeoutError" ||
  reason._tag === "LockTimeoutError" ||
  reason._tag === "DeadlockError"

interface TableRow {
  readonly name: string
  readonly options: string | null
  readonly grants: ReadonlyArray<string>
}

interface StatementRow {
  /** 1: an index or a constraint with one. */
  readonly step: number
  readonly statement: string
}

export const makeNextTables = Effect.fnUntraced(function* (
  sql: SqlClient,
  projection: string,
  tables: ReadonlyArray<string>
) {
  const [found] = yield* sql<{ readonly schema: string }>`select current_schema() as schema`
  const { schema } = found!
  const next = `${schema}_rebuild`
  const replaced = `${schema}_replaced`
  const run = (statement: string) => Effect.asVoid(sql.unsafe(statement).unprepared)
  const oneOf = sql`relnamespace = ${schema}::regnamespace and relkind = 'r' and relname = any(${tables}::text[])`

  const drop = (from: string) =>
    Effect.gen(function* () {
      const [log] =
        yield* sql`select from pg_class where relnamespace = to_regnamespace(${from}) and relname = 'log_head'`
      if (log !== undefined) {
        return yield* new RebuildFailed({
          projection,
          message: `The schema "${from}" is where a rebuild puts its tables, and holds another log: rename it.`
        })
      }
      for (const table of tables) yield* run(`drop table if exists ${from}.${table}`)
      yield* run(`drop schema if exists ${from}`)
    })

  /** What stands on the tables from outside would go with them, or be left behind. */
  const refuseDependents = Effect.gen(function* () {
    const rows = yield* sql<{ readonly table: string; readonly what: string }>`
      with ours as (select oid, relname, relnamespace from pg_class where ${oneOf})
      select o.relname as "table", case v.relkind when 'm' then 'materialized view ' else 'view ' end
          || v.relnamespace::regnamespace || '.' || v.relname as what
        from ours o join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = o.oid
        join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid join pg_class v on v.oid = r.ev_class
        where v.oid <> o.oid
      union
      select o.relname, 'trigger ' || tgname from ours o join pg_trigger t on t.tgrelid = o.oid where not tgisinternal
      union
      select o.relname, 'foreign key ' || conname from ours o join pg_constraint f on f.contype = 'f' and o.oid in (f.conrelid, f.confrelid)
      union
      select o.relname, 'policy ' || polname from ours o join pg_policy p on p.polrelid = o.oid
      union
      select o.relname, 'publication ' || pubname from ours o join pg_publication_rel p on p.prrelid = o.oid
        join pg_publication b on b.oid = p.prpubid
      union
      select o.relname, 'grant on the column ' || attname from ours o join pg_attribute a on a.attrelid = o.oid and attacl is not null
      order by 1, 2`
    if (rows.length === 0) return
    const named = rows.map(({ table, what }) => `the ${what} (on ${table})`).join(", ")
    return yield* new RebuildFailed({
      projection,
      message: `These stand on the tables and would not move to the new ones: ${named}. Drop them, rebuild, and create them again.`
    })
  })

  /** Empty and without indexes: they are filled faster so. */
  const create = Effect.gen(function* () {
    yield* refuseDependents
    const rows = yield* sql<TableRow>`
      select relname as name, array_to_string(reloptions, ', ') as options, array(
          select format('grant %s on %s.%I to %s%s', privilege_type, ${next}::text, relname,
            case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end,
            case when is_grantable then ' with grant option' else '' end)
          from aclexplode(relacl) where grantee <> relowner
        ) || case when relowner::regrole::text = quote_ident(current_user) then '{}'::text[]
          else array[format('alter table %s.%I owner to %s', ${next}::text, relname, relowner::regrole)] end as grants
      from pg_class where ${oneOf}`
    yield* run(`create schema ${next}`)
    for (const { grants, name, options } of rows) {
      yield* run(
        `create table ${next}.${name} (like ${schema}.${name} including all excluding indexes)${options === null ? "" : ` with (${options})`}`
      )
      for (const grant of grants) yield* run(grant)
    }
  })

  /** Whether all of them are there. */
  const exist = Effect.map(
    sql<{ readonly count: number }>`select count(*)::int as count from pg_class
      where relnamespace = to_regnamespace(${next}) and relkind = 'r' and relname = any(${tables}::text[])`,
    ([row]) => row!.count === tables.length
  )

  /** In this transaction names mean the new tables first. */
  const enter = run(`set local search_path = ${next}, ${schema}`)

  /** As on the tables that serve: constraints and indexes by their names, and how much statistics tell of them; and statistics. */
  const addIndexes = Effect.fnUntraced(function* (
    onIndex: (done: number, of: number) => Effect.Effect<void>
  ) {
    const statements = yield* sql<StatementRow>`
      with ours as (select oid, relname from pg_class where ${oneOf}),
      indexes as (
        select o.relname, i.indexrelid, x.relname as name, c.conname, c.oid as con
        from ours o join pg_index i on i.indrelid = o.oid join pg_class x on x.oid = i.indexrelid
        left join pg_constraint c on c.conindid = i.indexrelid and c.conrelid = o.oid and c.contype in ('p', 'u', 'x')
      )
      select step, statement from (
        select 1 as step, relname as "table", name,
          case when con is null
            then replace(pg_get_indexdef(indexrelid), format(' ON %s.%I ', ${schema}::text, relname), format(' ON %s.%I ', ${next}::text, relname))
            else format('alter table %s.%I add constraint %I %s', ${next}::text, relname, conname, pg_get_constraintdef(con)) end as statement
        from indexes
        union all
        select 2, relname, name, format('alter index %s.%I alter column %s set statistics %s', ${next}::text, name, attnum, attstattarget)
        from indexes join pg_attribute on attrelid = indexrelid and attstattarget >= 0
        union all
        select 2, relname, attname, format('alter table %s.%I alter column %I set statistics %s', ${next}::text, relname, attname, attstattarget)
        from ours join pg_attribute on attrelid = ours.oid and attnum > 0 and attstattarget >= 0 and not attisdropped
        union all
        select 3, relname, '', format('analyze %s.%I', ${next}::text, relname) from ours
      ) all_of_them order by step, "table", name`
    yield* run(`set local maintenance_work_mem = '${INDEX_MEMORY}'`)
    const indexes = statements.filter(({ step }) => step === 1).length
    for (const [done, { statement, step }] of statements.entries()) {
      if (step === 1) yield* onIndex(done, indexes)
      yield* run(statement)
    }
  })

  /**
   * Puts the new tables where the old ones are, which go beside: nothing is rewritten. From the locks to the end of the
   * transaction readers wait. Fails with an SqlError that `isHeldUp` tells when a reader does not let go soon.
   */
  const takePlace = Effect.fnUntraced(function* (onLock: () => void) {
    yield* run(`create schema ${replaced}`)
    // A process that stands still while it holds them is cut off.
    yield* run(`set local idle_in_transaction_session_timeout = ${IDLE_TIMEOUT}`)
    // Of the statement: a lock timeout would be of each table's.
    yield* run(`set local statement_timeout = ${LOCK_TIMEOUT}`)
    onLock()
    yield* run(
      `lock table ${tables.map((table) => `${schema}.${table}`).join(", ")} in access exclusive mode`
    )
    yield* run(`set local statement_timeout = 0`)
    const moves = tables.flatMap((table) => [
      `alter table ${schema}.${table} set schema ${replaced};`,
      `alter table ${next}.${table} set schema ${schema};`
    ])
    // In one go: readers wait.
    yield* run(`do $$ begin ${moves.join(" ")} end $$`)
  })

  return {
    create: sql.withTransaction(Effect.andThen(Effect.andThen(drop(next), drop(replaced)), create)),
    exist,
    enter,
    addIndexes,
    takePlace,
    /** The tables that were replaced, and where the new ones were. */
    dropReplaced: sql.withTransaction(Effect.andThen(drop(replaced), drop(next))),
    dropNext: sql.withTransaction(drop(next))
  }
})

export type NextTables = Effect.Success<ReturnType<typeof makeNextTables>>
