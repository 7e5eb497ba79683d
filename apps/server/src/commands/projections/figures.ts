/** Numbers and tables for people. */
import type { Styles } from "../output.ts"

export const count = (number: number): string => number.toLocaleString("en-US")

/** `1 event`, `2 events`. */
export const many = (number: number, one: string, more = `${one}s`): string =>
  `${count(number)} ${number === 1 ? one : more}`

export const percent = (share: number): string => `${(Math.floor(share * 1_000) / 10).toFixed(1)} %`

/** `0:07`, `12:30`, `1:02:03`. */
export const clock = (seconds: number): string => {
  const [hours, minutes, rest] = [
    Math.floor(seconds / 3_600),
    Math.floor(seconds / 60) % 60,
    Math.floor(seconds % 60)
  ]
  const two = (number: number) => String(number).padStart(2, "0")
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}

/** `0.4 s`, `12 s`, `3 min`, `5 h`. */
export const span = (seconds: number): string => {
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 120) return `${Math.round(seconds)} s`
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`
}

export const size = (bytes: number): string => {
  const units = ["B", "kB", "MB", "GB", "TB"]
  let [value, unit] = [bytes, 0]
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000
    unit++
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

/** `share` of `width` characters, to an eighth of one. */
export const bar = (share: number, width: number, { dim }: Styles): string => {
  const eighths = Math.floor(Math.min(1, Math.max(0, share)) * width * 8)
  const filled = "█".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]!
  return `${filled}${dim("░".repeat(width - filled.length))}`
}

export interface Cell {
  readonly text: string
  readonly style?: (text: string) => string
}

/** Lines with the columns under their titles. Numbers stand to the right. */
export const table = (
  columns: ReadonlyArray<{ readonly title: string; readonly right?: boolean }>,
  rows: ReadonlyArray<ReadonlyArray<Cell>>,
  { dim }: Styles
): ReadonlyArray<string> => {
  const all = [columns.map(({ title }): Cell => ({ text: title, style: dim })), ...rows]
  const widths = columns.map((_, i) => Math.max(...all.map((row) => row[i]!.text.length)))
  return all.map((row) =>
    row
      .map(({ style = (text: string) => text, text }, i) => {
        const space = " ".repeat(widths[i]! - text.length)
        const last = i === row.length - 1
        return columns[i]!.right === true ? space + style(text) : style(text) + (last ? "" : space)
      })
      .join("   ")
  )
}
