import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { metrics, type MetricDefinition } from "./metrics.ts"

const all: ReadonlyArray<MetricDefinition> = Object.values(metrics)

const page = readFileSync(new URL("../../../../docs/metrics.md", import.meta.url), "utf8")

/** The rows of the page's tables that are about metrics, cell by cell. */
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| `spillway_"))
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim())
  )

const code = (text: string): string => `\`${text}\``

const labelOf = ({ label }: MetricDefinition): string => {
  if (label === null) return ""
  const values = label.values.map(code).join(", ")
  return values === "" ? code(label.name) : `${code(label.name)}: ${values}`
}

describe("the metrics", () => {
  it("are those of docs/metrics.md, in the same order and the same words", () => {
    expect(rows).toEqual(
      all.map((metric) => [code(metric.name), metric.kind, metric.unit, labelOf(metric), metric.meaning])
    )
  })

  it("are the ones that the page asks about", () => {
    const [, queries = ""] = /```promql\n([\s\S]*?)```/.exec(page) ?? []
    const asked = Array.from(queries.matchAll(/spillway_\w+/g), ([name]) => name)
    expect(asked.length).toBeGreaterThan(5)
    const known = all.flatMap(({ kind, name }) =>
      kind === "histogram" ? ["_bucket", "_sum", "_count"].map((part) => name + part) : [name]
    )
    expect(known).toEqual(expect.arrayContaining(asked))
  })

  it("have names that say their unit, and each of its own", () => {
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
    for (const { kind, name, unit } of all) {
      expect(name).toMatch(/^spillway_[a-z_]+$/)
      expect([name, name.endsWith("_total")]).toEqual([name, kind === "counter"])
      expect([name, /_seconds(_total)?$/.test(name)]).toEqual([name, unit === "seconds"])
      expect([name, /_bytes(_total)?$/.test(name)]).toEqual([name, unit === "bytes"])
    }
  })

  it("of a histogram have buckets that rise", () => {
    for (const { buckets, kind } of all) {
      expect(buckets.length > 0).toBe(kind === "histogram")
      expect(buckets).toEqual([...buckets].sort((a, b) => a - b))
    }
  })
})
