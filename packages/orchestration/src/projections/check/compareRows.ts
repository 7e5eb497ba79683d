/** Compares the rows of one thread in one table, column by column and both ways. */
import type { Differences } from "./Difference.ts"
import type { FoldedRow, FoldedTable } from "./foldedTables.ts"

/** As it is selected: every column is its text. */
export type LiveRow = Readonly<Record<string, string | null>>

export const keyOf = (table: FoldedTable, row: FoldedRow | LiveRow): LiveRow =>
  Object.fromEntries(["tenant", "thread_id", ...table.key].map((column) => [column, row[column]!]))

export const addExtra = (table: FoldedTable, row: LiveRow, differences: Differences): void =>
  differences.add({
    table: table.name,
    key: keyOf(table, row),
    kind: "extra",
    column: null,
    live: null,
    folded: null
  })

export const compareRows = (
  table: FoldedTable,
  live: ReadonlyArray<LiveRow>,
  folded: ReadonlyArray<FoldedRow>,
  differences: Differences
): void => {
  const placeOf = (row: FoldedRow | LiveRow) => table.key.map((column) => row[column]).join(" ")
  const left = new Map(folded.map((row) => [placeOf(row), row]))
  for (const row of live) {
    const place = placeOf(row)
    const wanted = left.get(place)
    if (wanted === undefined) {
      addExtra(table, row, differences)
      continue
    }
    left.delete(place)
    for (const column of table.columns) {
      const [is, should] = [row[column]!, wanted[column]!]
      if (is === should || (table.numbers.has(column) && sameNumber(is, should))) continue
      differences.add({
        table: table.name,
        key: keyOf(table, row),
        kind: "different",
        column,
        live: is,
        folded: should
      })
    }
  }
  for (const row of left.values()) {
    differences.add({
      table: table.name,
      key: keyOf(table, row),
      kind: "missing",
      column: null,
      live: null,
      folded: null
    })
  }
}

const sameNumber = (a: string | null, b: string | null): boolean =>
  a !== null && b !== null && Number(a) === Number(b)
