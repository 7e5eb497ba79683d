/** How a result is shown: as a table to people, as one JSON object to programs. */
import { type CaseResult, passes, type Table } from "./BenchmarkCase.ts"
import { round } from "./statistics.ts"

export const tableText = ({ rows, title }: Table): string => {
  const head = Object.keys(rows[0] ?? {})
  const cells = rows.map((row) => head.map((key) => shown(row[key])))
  const widths = head.map((key, i) => Math.max(key.length, ...cells.map((row) => row[i]!.length)))
  const line = (values: ReadonlyArray<string>, numeric: boolean) =>
    values
      .map((value, i) =>
        numeric && typeof rows[0]![head[i]!] === "number"
          ? value.padStart(widths[i]!)
          : value.padEnd(widths[i]!)
      )
      .join("  ")
      .trimEnd()
  return [title, line(head, true), ...cells.map((row) => line(row, true))]
    .map((text) => `  ${text}`)
    .join("\n")
}

export const resultText = (name: string, about: string, { checks, tables }: CaseResult): string =>
  [
    name,
    `  ${about}`,
    ...tables.map((table) => `\n${tableText(table)}`),
    "",
    ...checks.map(
      (check) =>
        `  ${passes(check) ? "✓" : "✗"} ${check.name}: ${shown(check.value)} (${check.is} ${shown(check.limit)})`
    ),
    ""
  ].join("\n")

export const resultJson = ({ checks, figures }: CaseResult) => ({
  ok: checks.every(passes),
  ...figures,
  checks: checks.map((check) => ({ ...check, value: round(check.value, 3), ok: passes(check) }))
})

const shown = (value: string | number | undefined): string => {
  if (value === undefined) return ""
  if (typeof value === "string") return value
  const text = round(value, Math.abs(value) >= 100 ? 0 : 2).toLocaleString("en-US", {
    maximumFractionDigits: 2
  })
  return text
}
