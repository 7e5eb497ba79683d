/** A verdict for a person. */
import type { Verdict } from "./verdict.ts"

export const verdictText = (verdict: Verdict): string => {
  const { ok, wrong: _, ...figures } = verdict
  const width = Math.max(...Object.keys(figures).map(({ length }) => length))
  const lines = Object.entries(figures).map(([name, figure]) => `${name.padEnd(width)}  ${figure}`)
  const last = ok
    ? "Nothing accepted was lost."
    : `Not all was as it must be. To see it again: npm run faults -- --seed ${verdict.seed} --seconds ${verdict.seconds}`
  return `${lines.join("\n")}\n\n${last}\n`
}
