/** The panels' data as one picture, for those who have no Grafana at hand: small line charts, a series a line. */
import type { PanelData } from "./checkDashboard.ts"

const WIDTH = 400
const HEIGHT = 220
const ACROSS = 4
const COLOURS = [
  "#4c78a8",
  "#f58518",
  "#54a24b",
  "#e45756",
  "#72b7b2",
  "#b279a2",
  "#9d755d",
  "#eeca3b",
  "#ff9da6",
  "#79706e"
]

export const picture = (panels: ReadonlyArray<PanelData>): string => {
  const height = Math.ceil(panels.length / ACROSS) * HEIGHT
  const cells = panels.map((panel, i) => {
    const [x, y] = [(i % ACROSS) * WIDTH, Math.floor(i / ACROSS) * HEIGHT]
    return `<g transform="translate(${x} ${y})">${chart(panel)}</g>`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH * ACROSS}" height="${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...cells,
    "</svg>"
  ].join("\n")
}

const chart = ({ queries, title, unit }: PanelData): string => {
  const lines = queries.flatMap(({ legend, series }) =>
    series.map(({ metric, values }) => ({
      name: legend.replace(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? ""),
      values: values.filter(([, value]) => Number.isFinite(value))
    }))
  )
  const points = lines.flatMap(({ values }) => values)
  const [first, last] = [Math.min(...points.map(([at]) => at)), Math.max(...points.map(([at]) => at))]
  const most = Math.max(...points.map(([, value]) => value)) || 1
  const x = (at: number) => 10 + ((at - first) / Math.max(1, last - first)) * (WIDTH - 20)
  const y = (value: number) => 140 - (value / most) * 110
  return [
    `<text x="10" y="16" font-weight="bold">${escaped(title)}</text>`,
    `<text x="${WIDTH - 10}" y="16" text-anchor="end" fill="#777">most ${Number(most.toPrecision(3))} ${unit}</text>`,
    `<path d="M10 140H${WIDTH - 10}M10 30H${WIDTH - 10}" stroke="#ddd"/>`,
    ...lines.map(
      ({ values }, i) =>
        `<polyline fill="none" stroke="${COLOURS[i % COLOURS.length]}" stroke-width="1.5" points="${values.map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(" ")}"/>`
    ),
    ...lines
      .slice(0, 10)
      .map(
        ({ name }, i) =>
          `<text x="${10 + (i % 3) * 130}" y="${158 + Math.floor(i / 3) * 14}" fill="${COLOURS[i % COLOURS.length]}">${escaped(name.slice(0, 22))}</text>`
      )
  ].join("")
}

const escaped = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;")
