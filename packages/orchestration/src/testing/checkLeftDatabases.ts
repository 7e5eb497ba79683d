/**
 * A program that checks the read models in every database that a test left behind, as `spillway projections check` does. It looks at one
 * after the other while the tests go on, says at the end what it has compared, and ends with 1 where a read model is not what its log
 * says. `scripts/testing/leftDatabases.ts` runs it.
 */
import { once } from "node:events"
import { PgClient } from "@effect/sql-pg"
import { damagedComment, leftChannel } from "@spillway/embedded-postgres/testing/provided"
import { Effect, Queue, Redacted } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { SqlClient } from "effect/sql/SqlClient"
import { migrations } from "../postgres/migrations/index.ts"
import { type CheckReport, checkProjections } from "../projections/check/checkProjections.ts"
import type { Difference } from "../projections/check/Difference.ts"

/** Texts of a log that its search index is asked for, before only every 500th is. */
const LOOKUPS = 8

/** Differences of a log that are named. */
const NAMED = 5

interface Left {
  readonly name: string
  /** Which test it was, or why it may be broken. */
  readonly comment: string
}

/** What was seen of all of them. */
class Tally {
  databases = 0
  logs = 0
  events = 0
  rows = 0
  lookups = 0
  milliseconds = 0
  readonly damaged: Array<string> = []
  readonly older: Array<string> = []
  readonly wrong: Array<string> = []

  add(reports: ReadonlyArray<CheckReport>, where: string): void {
    this.logs++
    for (const report of reports) {
      this.events += report.events
      this.rows += report.rows
      this.lookups += report.lookups
      if (report.differences > 0) {
        const lines = report.named.map((difference) => `      ${differenceText(difference)}`)
        this.wrong.push(
          `${where}: ${report.differences} ${report.differences === 1 ? "difference" : "differences"}\n${lines.join("\n")}`
        )
      }
    }
  }

  get text(): string {
    const seen =
      `Read models: ${this.logs} logs in ${this.databases} databases that tests left behind, with ${this.events} events, ` +
      `were compared with ${this.rows} rows and ${this.lookups} lookups in ${(this.milliseconds / 1_000).toFixed(1)} s`
    const left = [
      ...(this.damaged.length > 0
        ? [`${this.damaged.length} damaged on purpose (${unique(this.damaged)})`]
        : []),
      ...(this.older.length > 0
        ? [`${this.older.length} with tables of an older version (${unique(this.older)})`]
        : [])
    ]
    const notCompared = left.length > 0 ? `; not compared: ${left.join(", ")}` : ""
    const verdict =
      this.wrong.length === 0
        ? "none differs"
        : `${this.wrong.length} DIFFER${this.wrong.length === 1 ? "S" : ""}`
    return `${seen}: ${verdict}${notCompared}.\n${this.wrong.map((wrong) => `  FAILED ${wrong}\n`).join("")}`
  }
}

const unique = (texts: ReadonlyArray<string>): string => [...new Set(texts)].join("; ")

const differenceText = ({ column, folded, key, kind, live, table }: Difference): string => {
  const place = Object.values(key).join(" ")
  return kind === "different"
    ? `${table}.${column} of ${place}: ${JSON.stringify(live)}, and by the log ${JSON.stringify(folded)}`
    : `${table} ${place}: ${kind === "missing" ? "the row is missing" : "the log knows of no such row"}`
}

const addressOf = (server: string, database: string): Redacted.Redacted => {
  const url = new URL(server)
  url.pathname = `/${database}`
  return Redacted.make(url.href)
}

/** Each schema of the database that a log is in. */
const checkDatabase = Effect.fnUntraced(function* (server: string, { comment, name }: Left, tally: Tally) {
  if (comment.startsWith(damagedComment)) return void tally.damaged.push(comment.slice(damagedComment.length))
  const sql = yield* PgClient.make({ url: addressOf(server, name), maxConnections: 1 })
  const schemas = yield* sql<{ readonly schema: string }>`
    select relnamespace::regnamespace::text as schema from pg_class where relname = 'log_head' and relkind = 'r' order by 1`
  for (const { schema } of schemas) {
    yield* sql`select set_config('search_path', ${schema}, false)`
    const [newest] = yield* sql<{ readonly id: number }>`select max(id) as id from migration`
    if (newest!.id < migrations.length) {
      tally.older.push(comment)
      continue
    }
    const reports = yield* Effect.provideService(
      checkProjections({ lookups: LOOKUPS, named: NAMED }),
      SqlClient,
      sql
    )
    tally.add(reports, `${name}, ${schema} (${comment})`)
  }
}, Effect.scoped)

/** What stands under that name; answers whether there was any. */
const checkAll = Effect.fnUntraced(function* (
  server: PgClient.PgClient,
  url: string,
  pattern: string,
  tally: Tally
) {
  const began = performance.now()
  const left = yield* server<Left>`
    select datname as name, coalesce(shobj_description(oid, 'pg_database'), '') as comment
    from pg_database where datname like ${pattern} order by oid`
  for (const database of left) {
    yield* checkDatabase(url, database, tally).pipe(
      Effect.catch((error) =>
        Effect.sync(() =>
          tally.wrong.push(`${database.name} (${database.comment}): can't be checked: ${String(error)}`)
        )
      )
    )
    yield* server.unsafe(`drop database if exists ${database.name} with (force)`)
    tally.databases++
  }
  tally.milliseconds += performance.now() - began
})

/** Until stdin ends; then what is left, and the result. */
const main = Effect.gen(function* () {
  const url = process.env["SPILLWAY_LEFT_DATABASES"]!
  const tally = new Tally()
  const server = yield* PgClient.make({ url: Redacted.make(url), maxConnections: 2 })
  const told = yield* server.listen(leftChannel)
  const follow = Effect.forever(Effect.andThen(Queue.takeAll(told), checkAll(server, url, "left\\_%", tally)))
  yield* Effect.raceFirst(
    follow,
    Effect.promise(() => once(process.stdin.resume(), "end"))
  )
  yield* checkAll(server, url, "left\\_%", tally)
  // Those of tests that were cut off have their first name. On a server that was brought they may be of another run.
  if (process.env["SPILLWAY_TEST_DATABASE_URL"] === undefined) yield* checkAll(server, url, "test\\_%", tally)
  process.stdout.write(`\n${tally.text}\n`)
  if (tally.wrong.length > 0) process.exitCode = 1
}).pipe(Effect.scoped, Effect.provide(Reactivity.layer))

await Effect.runPromise(main)
