/**
 * Whether what was said is found by its words: an index of an expression is not compared with rows, so it is asked. A word of a
 * message is looked up in its thread; what comes back must be that message, and others only that say the word, too.
 */
import type { ThreadView } from "@spillway/contracts"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { Differences } from "./Difference.ts"
import { saidBy } from "./foldedTables.ts"
import type { OfThread } from "./ordered.ts"

/** Every message is looked up at first, and then one of so many. */
const EVERY = 500

/** How far into a text its word is taken from. Code units. */
const WORDS_WITHIN = 1_000

/** Of letters and digits that every database folds alike. */
const wordOf = (text: string): string | undefined => {
  const words = text
    .slice(0, WORDS_WITHIN)
    .toLowerCase()
    .match(/(?<![^\s])[a-z0-9]{2,40}(?![^\s])/g)
  return words?.[words.length >> 1]
}

const says = (text: string, word: string): boolean => text.toLowerCase().includes(word)

const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`

interface Said {
  readonly key: Readonly<Record<string, string>>
  readonly text: string
}

/** `first`: how many are looked up before only some are. */
export const makeSearchCheck = (sql: SqlClient, differences: Differences, first: number) => {
  let said = 0
  let lookups = 0

  /** Without the columns that another index begins with, so that only this one can answer. */
  const found = (table: Table, thread: OfThread, word: string) =>
    sql.unsafe<Readonly<Record<string, string>>>(
      `select ${[...table.key, "thread_id"].map((column) => `${column}::text as ${column}`).join(", ")} from ${table.name}
      where ${table.condition} and search_document(tenant, thread_id, ${table.text}) @@ $1::text::tsquery`,
      [`${quoted(` ${thread.tenant} ${thread.thread_id}`)} & ${quoted(word)}`]
    )

  const lookUp = Effect.fnUntraced(function* (
    table: Table,
    thread: OfThread,
    { key, text }: Said,
    all: ReadonlyArray<Said>
  ) {
    const word = wordOf(text)
    if (word === undefined) return
    lookups++
    const rows = yield* found(table, thread, word)
    const places = new Set(rows.map((row) => table.key.map((column) => row[column]).join(" ")))
    const placeOf = (one: Said) => table.key.map((column) => one.key[column]).join(" ")
    const add = (one: Readonly<Record<string, string>>, live: string, folded: string) =>
      differences.add({
        table: table.name,
        key: { tenant: thread.tenant, thread_id: thread.thread_id, ...one },
        kind: "different",
        column: `search for "${word}"`,
        live,
        folded
      })
    if (!places.has(placeOf({ key, text }))) add(key, "not found", "found")
    const right = new Set(all.filter((one) => says(one.text, word)).map(placeOf))
    for (const place of places) {
      if (right.has(place)) continue
      const values = place.split(" ")
      add(Object.fromEntries(table.key.map((column, i) => [column, values[i]!])), "found", "not found")
    }
  })

  return {
    lookups: () => lookups,
    check: Effect.fnUntraced(function* (thread: OfThread, view: ThreadView) {
      const title: Said | undefined = view.title === null ? undefined : { key: {}, text: view.title }
      const all = view.turns.flatMap((turn, turnIndex) =>
        turn.messages.flatMap((message, messageIndex): ReadonlyArray<Said> => {
          const text = saidBy(message) ?? ""
          return message.role === "system" || message.status === "discarded" || text === ""
            ? []
            : [{ key: { turn_index: String(turnIndex), message_index: String(messageIndex) }, text }]
        })
      )
      const isLookedUp = () => said++ < first || said % EVERY === 0
      if (title !== undefined && isLookedUp()) yield* lookUp(titles, thread, title, [title])
      for (const one of all) if (isLookedUp()) yield* lookUp(messages, thread, one, all)
    })
  }
}

interface Table {
  readonly name: string
  readonly key: ReadonlyArray<string>
  readonly text: string
  /** The index's own. */
  readonly condition: string
}

const titles: Table = { name: "thread_title", key: [], text: "title", condition: "true" }

const messages: Table = {
  name: "message",
  key: ["turn_index", "message_index"],
  text: "text",
  condition: "role <> 'system' and status <> 'discarded' and text <> ''"
}
