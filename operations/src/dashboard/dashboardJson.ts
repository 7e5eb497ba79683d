/** The dashboard as Grafana's JSON. `npm run dashboard` writes it to `operations/grafana/dashboards/spillway.json`. */
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { Panel, Row } from "./Panel.ts"
import { rows } from "./rows.ts"

export const DASHBOARD_FILE = fileURLToPath(
  new URL("../../grafana/dashboards/spillway.json", import.meta.url)
)

const WIDTH = 24
const graph = { width: 8, height: 8 }
const stat = { width: 3, height: 4 }

const datasource = { type: "prometheus", uid: "${datasource}" }

interface Placed {
  readonly id: number
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
}

export const dashboard = () => {
  let id = 0
  let y = 0
  const panels: Array<Placed & Record<string, unknown>> = []
  for (const row of rows) {
    panels.push({ ...rowPanel(row), id: ++id, gridPos: { x: 0, y: y++, w: WIDTH, h: 1 } })
    const { height, width } = row.panels.every((panel) => panel.stat !== undefined) ? stat : graph
    const across = WIDTH / width
    for (const [i, panel] of row.panels.entries()) {
      const gridPos = { x: (i % across) * width, y: y + Math.floor(i / across) * height, w: width, h: height }
      panels.push({ ...panelJson(panel), id: ++id, gridPos })
    }
    y += Math.ceil(row.panels.length / across) * height
  }
  return {
    uid: "spillway",
    title: "Spillway",
    description: "Written by npm run dashboard from operations/src/dashboard/rows.ts.",
    tags: ["spillway"],
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: "30s",
    time: { from: "now-1h", to: "now" },
    timezone: "",
    annotations: { list: [] },
    links: [],
    templating: { list: [datasourceVariable, instanceVariable] },
    panels
  }
}

const datasourceVariable = {
  name: "datasource",
  label: "Prometheus",
  type: "datasource",
  query: "prometheus",
  current: {},
  hide: 0
}

const instanceVariable = {
  name: "instance",
  label: "Process",
  type: "query",
  datasource,
  definition: "label_values(spillway_build_info, instance)",
  query: { query: "label_values(spillway_build_info, instance)", refId: "instance" },
  refresh: 2,
  sort: 1,
  multi: true,
  includeAll: true,
  allValue: ".*",
  current: { text: "All", value: "$__all" },
  hide: 0
}

const rowPanel = ({ title }: Row) => ({ type: "row", title, collapsed: false, panels: [] })

const panelJson = (panel: Panel) => ({
  type: panel.stat === undefined ? "timeseries" : "stat",
  title: panel.title,
  description: panel.about,
  datasource,
  targets: panel.queries.map(({ expr, legend }, i) => ({
    refId: String.fromCharCode("A".charCodeAt(0) + i),
    datasource,
    expr,
    legendFormat: legend,
    range: true
  })),
  ...(panel.stat === undefined ? graphJson(panel) : statJson(panel, panel.stat))
})

const common = ({ decimals, unit }: Panel) => ({ unit, ...(decimals === undefined ? {} : { decimals }) })

const graphJson = (panel: Panel) => ({
  fieldConfig: {
    defaults: {
      ...common(panel),
      min: 0,
      color: { mode: "palette-classic" },
      custom: {
        drawStyle: "line",
        lineWidth: 1,
        fillOpacity: panel.stacked === true ? 30 : 8,
        showPoints: "never",
        spanNulls: false,
        stacking: { mode: panel.stacked === true ? "normal" : "none", group: "A" }
      }
    },
    overrides: []
  },
  options: {
    legend: { displayMode: "list", placement: "bottom", showLegend: true, calcs: [] },
    tooltip: { mode: "multi", sort: "desc" }
  }
})

const statJson = (panel: Panel, { base, steps = [] }: NonNullable<Panel["stat"]>) => ({
  fieldConfig: {
    defaults: {
      ...common(panel),
      color: { mode: "thresholds" },
      thresholds: {
        mode: "absolute",
        steps: [{ color: base, value: null }, ...steps.map(([value, color]) => ({ color, value }))]
      }
    },
    overrides: []
  },
  options: {
    reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
    colorMode: "value",
    graphMode: "area",
    justifyMode: "auto",
    orientation: "auto",
    textMode: "auto"
  }
})

export const dashboardText = (): string => `${JSON.stringify(dashboard(), null, 2)}\n`

if (import.meta.main) writeFileSync(DASHBOARD_FILE, dashboardText())
