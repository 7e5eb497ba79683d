import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { PartId, ThreadId } from "@spillway/contracts"
import { expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { ReadModels } from "../../ReadModels.ts"
import * as c from "../../testing/commands.ts"
import { readModelStack } from "../../testing/readModelStack.ts"
import { ThreadLog } from "../../testing/ThreadLog.ts"
import { checkProjections } from "./checkProjections.ts"
import { foldedTables } from "./foldedTables.ts"

const thread = ThreadId.make("thread")

/** A thread with a row in every table, and a second turn of which everything is open. */
const tell = Effect.fnUntraced(function* (threadId: ThreadId) {
  const log = yield* ThreadLog
  const message = c.messageOf("one")
  const later = c.messageOf("two")
  return yield* log.run(
    threadId,
    c.create({ title: "The weather tomorrow" }),
    c.start("one", { text: "What is the weather like?" }),
    c.start("two", { text: "And tomorrow?" }),
    c.claim("one"),
    c.openStep("one"),
    c.openMessage("one"),
    c.append(message, "Let me look", { kind: "reasoning", partId: PartId.make("thought") }),
    c.append(message, "It is sunny, I suppose"),
    c.call(message, "look"),
    c.output("look", "looking"),
    c.ask("may"),
    c.record({ type: "notice", level: "info", text: "said" }),
    c.closeCall("look"),
    c.closeMessage(message),
    c.closeStep("one"),
    c.closeTurn("one"),
    c.claim("two", { generation: 2 }),
    c.openStep("two"),
    c.openMessage("two"),
    c.append(later, "It will"),
    c.call(later, "look-again"),
    c.output("look-again", "looking again"),
    c.ask("may-again")
  )
})

const check = Effect.fnUntraced(function* (lookups = 0) {
  const [report] = yield* checkProjections({ lookups })
  return report!
})

interface Column {
  readonly table: string
  readonly column: string
  readonly type: string
  readonly generated: boolean
}

const columnsOf = Effect.gen(function* () {
  const sql = yield* SqlClient
  return yield* sql<Column>`
    select relname as "table", attname as "column", format_type(atttypid, atttypmod) as type,
      attgenerated <> '' as generated
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where relnamespace = current_schema()::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped`
})

/** Another value of the column's type. */
const planted: Readonly<Record<string, (column: string) => string>> = {
  text: (column) => `coalesce(${column}, '') || '!'`,
  integer: (column) => `coalesce(${column}, 0) + 1`,
  "double precision": (column) => `coalesce(${column}, 0) + 1`,
  boolean: (column) => `not ${column}`,
  json: () => `'{"planted":true}'::json`
}

/** The row that comes first. */
const first = (table: string) => `ctid = (select min(ctid) from ${table})`

layer(readModelStack, { excludeTestServices: true })("a check of the projections", (it) => {
  it.effect("finds no difference in what was projected, and says what it compared", () =>
    Effect.gen(function* () {
      const models = yield* ReadModels
      yield* TestDatabase.damaged("differences are planted in every table")
      yield* tell(thread)
      const position = yield* tell(ThreadId.make("other"))
      yield* models.waitFor(position)
      const seen: Array<number> = []
      const [report] = yield* checkProjections({ onProgress: (events) => seen.push(events) })
      expect(report).toMatchObject({
        projection: "threads",
        position,
        head: position,
        events: position,
        threads: 2,
        differences: 0,
        named: []
      })
      // For each thread: itself, its title, two turns, four messages with a text or two, two calls, steps and requests, a remark.
      expect(report!.rows).toBe(2 * (1 + 1 + 2 + 4 + 4 + 2 + 2 + 2 + 1))
      // For each thread: its title, and what was said and is closed.
      expect(report!.lookups).toBe(2 * 4)
      expect(seen.at(-1)).toBe(position)
    })
  )

  for (const { columns, name } of foldedTables) {
    it.effect(`finds another value in any column of ${name}`, () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient
        const known = (yield* columnsOf).filter(({ table }) => table === name)
        for (const { column, generated } of known) {
          if (generated) yield* sql.unsafe(`alter table ${name} alter column ${column} drop expression`)
        }
        for (const column of columns) {
          const { type } = known.find((one) => one.column === column)!
          const [row] = yield* sql.unsafe<{ readonly place: string; readonly value: string | null }>(
            `select ctid::text as place, ${column}::text as value from ${name} where ${first(name)}`
          )
          const { place } = (yield* sql.unsafe<{ readonly place: string }>(
            `update ${name} set ${column} = ${planted[type]!(column)} where ctid = '${row!.place}' returning ctid::text as place`
          ))[0]!
          const report = yield* check()
          expect(report, column).toMatchObject({
            differences: 1,
            named: [{ table: name, kind: "different", column, folded: row!.value }]
          })
          yield* sql.unsafe(`update ${name} set ${column} = $1::text::${type} where ctid = '${place}'`, [
            row!.value
          ])
        }
        expect((yield* check()).differences).toBe(0)
      })
    )

    it.effect(`finds a row that ${name} lacks, and one too many, in a thread and without one`, () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient
        const known = (yield* columnsOf).filter(({ generated, table }) => table === name && !generated)
        const all = known.map(({ column }) => column).join(", ")
        const insert = (row: object) =>
          sql.unsafe(
            `insert into ${name} (${all}) select ${all} from json_populate_record(null::${name}, $1::text::json)`,
            [JSON.stringify(row)]
          )
        const [gone] = yield* sql.unsafe<{ readonly row: Record<string, unknown> }>(
          `delete from ${name} as gone where ${first(name)} returning row_to_json(gone.*) as row`
        )
        const row = gone!.row
        const missing = yield* check()
        expect(missing).toMatchObject({
          differences: 1,
          named: [{ table: name, kind: "missing", column: null }]
        })
        expect(missing.named[0]!.key).toMatchObject({ tenant: "default", thread_id: row["thread_id"] })
        yield* insert(row)
        expect((yield* check()).differences).toBe(0)

        const places = ["a first one", "p in between", "~ a last one"].map((thread_id) => ({ thread_id }))
        const inThread = "turn_index" in row ? [{ turn_index: 7, turn_id: "seventh" }] : []
        for (const change of [...places, ...inThread]) {
          yield* insert({ ...row, ...change })
          const extra = yield* check()
          expect(extra).toMatchObject({
            differences: 1,
            named: [{ table: name, kind: "extra", column: null }]
          })
          const { turn_index } = { turn_index: 0, ...change }
          expect(extra.named[0]!.key).toMatchObject({
            thread_id: "thread_id" in change ? change.thread_id : row["thread_id"],
            ...(turn_index > 0 && { turn_index: "7" })
          })
          yield* sql.unsafe(
            "thread_id" in change
              ? `delete from ${name} where thread_id = '${change.thread_id}'`
              : `delete from ${name} where turn_index = 7`
          )
        }
        expect((yield* check()).differences).toBe(0)
      })
    )
  }

  it.effect("finds a checkpoint that is ahead of the tables, behind them, and beyond the log", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { head } = yield* check()
      yield* sql`update projection set position = ${head - 1}`
      const ahead = yield* check()
      expect(ahead.named.map(({ column, table }) => `${table}.${column}`)).toContain("thread.version")
      yield* sql`update projection set position = ${head + 5}`
      expect(yield* check()).toMatchObject({
        differences: 1,
        named: [{ table: "projection", column: "position", live: String(head + 5) }]
      })
      yield* sql`update projection set position = ${head}`
      yield* sql`update thread set version = version - 1, pending_requests = 0 where thread_id = ${thread}`
      expect((yield* check()).named.map(({ column, table }) => `${table}.${column}`)).toEqual([
        "thread.version",
        "thread.pending_requests"
      ])
      yield* sql`update thread set version = version + 1, pending_requests = 1 where thread_id = ${thread}`
      expect((yield* check()).differences).toBe(0)
    })
  )

  it.effect("finds what the search index does not know, or knows wrongly", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const index = (table: string) => (table === "message" ? "message_search" : "thread_title_search")
      for (const table of ["message", "thread_title"]) {
        // The index is not kept up for a moment: what is written then it does not know.
        yield* sql.unsafe(`create table kept as select * from ${table} where thread_id = 'thread'`)
        yield* sql.unsafe(`delete from ${table} where thread_id = 'thread'`)
        yield* sql`update pg_index set indisready = false where indexrelid = ${index(table)}::regclass`
        yield* sql.unsafe(`insert into ${table} select * from kept`)
        yield* sql`update pg_index set indisready = true where indexrelid = ${index(table)}::regclass`
        yield* sql`drop table kept`
        expect((yield* check()).differences, "rows alone").toBe(0)
        const report = yield* check(50)
        expect(report.named).toContainEqual(
          expect.objectContaining({ table, kind: "different", live: "not found", folded: "found" })
        )
        yield* sql.unsafe(`reindex index ${index(table)}`)
        expect((yield* check(50)).differences).toBe(0)
      }
    })
  )

  it.effect("finds a hole in the log, an event that can't be folded, and a column that nobody knows", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const { head } = yield* check()
      yield* sql`create table kept as select * from event where position = ${head}`
      yield* sql`delete from event where position = ${head}`
      expect((yield* check()).named).toContainEqual(
        expect.objectContaining({ table: "event", column: "position", live: `${head - 1} events` })
      )
      yield* sql`insert into event select * from kept`
      yield* sql`drop table kept`

      yield* sql`alter table step add column planted int`
      expect(yield* check()).toMatchObject({ differences: 1, named: [{ table: "step", column: "planted" }] })
      yield* sql`alter table step drop column planted`

      yield* sql`update event set version = version + 1 where position = ${head}`
      const [difference] = (yield* check()).named
      expect(difference).toMatchObject({ table: "event", key: { thread_id: "other" }, column: "data" })
      yield* sql`update event set version = version - 1 where position = ${head}`
      expect((yield* check()).differences).toBe(0)
    })
  )

  it.effect("counts all differences and names as many as it is asked for", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      yield* sql`update step set usage = '{"outputTokens":9}'`
      const [report] = yield* checkProjections({ named: 3, lookups: 0 })
      expect(report!.differences).toBeGreaterThan(3)
      expect(report!.named).toHaveLength(3)
    })
  )
})
