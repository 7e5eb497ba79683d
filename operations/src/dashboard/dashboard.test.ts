import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { dashboard, DASHBOARD_FILE, dashboardText } from "./dashboardJson.ts"
import { askedBy } from "./metricNames.ts"
import { leftOut, type Pages, unanswered, unmoved } from "./pages.ts"
import { rows } from "./rows.ts"

describe("the dashboard", () => {
  it("that is shipped is as npm run dashboard writes it", () => {
    expect(readFileSync(DASHBOARD_FILE, "utf8")).toBe(dashboardText())
  })

  it("has a place of its own for each panel, and no id twice", () => {
    const { panels } = dashboard()
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const taken = new Set<string>()
    for (const { gridPos } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken.has(`${x} ${y}`)).toBe(false)
          taken.add(`${x} ${y}`)
        }
      }
    }
  })

  it("says of each panel what to read off it, and asks only for the processes that were chosen", () => {
    for (const { panels } of rows) {
      for (const { about, queries } of panels) {
        expect(about).toMatch(/^[A-Z0-9].*\.$/)
        for (const { expr } of queries) {
          const { selectors } = askedBy(expr.replaceAll("$__rate_interval", "1m"))
          expect(selectors.length).toBeGreaterThan(0)
          for (const { labels } of selectors) expect(labels).toContain("instance")
        }
      }
    }
  })
})

describe("a query", () => {
  const page: Pages[number] = new Map([
    [
      "turns_total",
      {
        name: "turns_total",
        type: "counter",
        help: "Turns.",
        samples: [{ name: "turns_total", labels: { outcome: "failed" }, value: 0 }]
      }
    ]
  ])

  it("tells which metrics and labels it needs", () => {
    expect(askedBy('sum by (outcome) (rate(turns_total{instance=~"a"}[5m])) / on (x) other')).toEqual({
      selectors: [
        { metric: "turns_total", labels: ["instance"] },
        { metric: "other", labels: [] }
      ],
      groupedBy: ["outcome", "x"]
    })
    expect(() => askedBy("sum by (outcome (turns_total)")).toThrow(/no PromQL/)
  })

  it("is unanswered when no page has its metric or its label", () => {
    expect(unanswered('sum by (outcome) (turns_total{outcome="failed", job="a"})', [page])).toEqual([])
    expect(unanswered("turns", [page])).toEqual(["no page has turns"])
    expect(unanswered('turns_total{kind="a"}', [page])).toEqual(["turns_total has no label kind"])
    expect(unanswered("sum by (kind) (turns_total)", [page])).toEqual(["nothing has the label kind"])
  })

  it("is missed when a metric is never asked for, and so is a load when a metric never moves", () => {
    expect(leftOut([page, new Map(structuredClone([...page]))], ["other"])).toEqual(["turns_total"])
    expect(leftOut([page], ["rate(turns_total[1m])"])).toEqual([])
    expect(unmoved([page])).toEqual(["turns_total failed"])
  })
})
