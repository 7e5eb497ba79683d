/** Finds variables that are spelt like a setting of ours and are none. */
import { settings } from "./settings.ts"

/** A sentence for each `SPILLWAY_*` that no part of Spillway reads, with the nearest name that is read. */
export const unknownVariables = (
  environment: Readonly<Record<string, string | undefined>>
): ReadonlyArray<string> =>
  Object.keys(environment)
    .filter((name) => name.startsWith("SPILLWAY_") && !(name in settings))
    .sort()
    .map(
      (name) =>
        `${name} is no setting of Spillway, and has no effect: the nearest that is one is ${nearest(name)}.`
    )

const wordsOf = (name: string): ReadonlyArray<string> => name.replace(/^SPILLWAY_/, "").split("_")

/** One that has all its words and more, else the one with the fewest changed characters. */
const nearest = (name: string): string => {
  const names = Object.keys(settings)
  return (
    names.find((other) => wordsOf(name).every((word) => wordsOf(other).includes(word))) ??
    names
      .map((other) => ({ other, distance: distance(name, other) }))
      .reduce((a, b) => (b.distance < a.distance ? b : a)).other
  )
}

/** Levenshtein's, with two neighbours that changed places as one change. */
const distance = (a: string, b: string): number => {
  const rows: Array<Array<number>> = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = a[i - 1] === b[j - 1] ? 0 : 1
      row[j] = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + changed)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j]!, rows[i - 2]![j - 2]! + 1)
      }
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}
