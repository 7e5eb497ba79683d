/**
 * The schema as the catalogues tell it, as text: for a review of what a migration really did. Ordered by name, the same on
 * every supported version of Postgres.
 */
import { PgConnection } from "@effect/sql-pg"
import { Effect } from "effect"
import { type ConnectionOptions, connectionConfig } from "./connection.ts"

const TABLES = `
select
  'create table ' || c.relname || ' (' || E'\\n  ' || (
    select string_agg(definition, E',\\n  ' order by rank, place, definition) from (
      select 1 as rank, a.attnum as place,
        a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
        || case when a.attcollation <> t.typcollation then ' collate "' || l.collname || '"' else '' end
        || case when a.attnotnull then ' not null' else '' end
        || case a.attgenerated
          when 's' then ' generated always as (' || pg_get_expr(d.adbin, d.adrelid) || ') stored'
          else coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
        end as definition
      from pg_attribute a
      join pg_type t on t.oid = a.atttypid
      left join pg_collation l on l.oid = a.attcollation
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      union all
      select 2, 0, 'constraint ' || conname || ' ' || pg_get_constraintdef(oid)
      from pg_constraint where conrelid = c.oid and contype in ('p', 'u', 'c', 'f', 'x')
    ) as definitions
  ) || E'\\n)' || coalesce(' with (' || array_to_string(c.reloptions, ', ') || ')', '') || ';' as definition
from pg_class c
where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'
order by c.relname collate "C"`

const INDEXES = `
select replace(pg_get_indexdef(i.indexrelid), current_schema() || '.', '') || ';' as definition
from pg_index i
join pg_class c on c.oid = i.indexrelid
where c.relnamespace = current_schema()::regnamespace
  and not exists (select from pg_constraint where conindid = i.indexrelid)
order by c.relname collate "C"`

const FUNCTIONS = `
select replace(pg_get_functiondef(oid), current_schema() || '.', '') || ';' as definition
from pg_proc
where pronamespace = current_schema()::regnamespace
order by proname collate "C", pg_get_function_identity_arguments(oid)`

const TRIGGERS = `
select replace(pg_get_triggerdef(t.oid), current_schema() || '.', '') || ';' as definition
from pg_trigger t
join pg_class c on c.oid = t.tgrelid
where c.relnamespace = current_schema()::regnamespace and not t.tgisinternal
order by c.relname collate "C", t.tgname`

export const dumpSchema = Effect.fn("Postgres.dumpSchema")(function* (options: ConnectionOptions) {
  const connection = yield* PgConnection.make(connectionConfig(options, "migrate"))
  const parts = yield* Effect.forEach([TABLES, INDEXES, FUNCTIONS, TRIGGERS], (part) =>
    connection.query(part)
  )
  const definitions = parts.flatMap(({ rows }) => rows.map((row) => (row.definition as string).trimEnd()))
  return `-- What the migrations come to. Written by a test, for review; see migrations/index.ts.\n\n${definitions.join("\n\n")}\n`
}, Effect.scoped)
