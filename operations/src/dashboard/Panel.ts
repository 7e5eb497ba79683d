/** A panel of the dashboard, before it is Grafana's. */
export interface Query {
  readonly expr: string
  /** Names a series; `{{label}}` is filled in. */
  readonly legend: string
}

export interface Panel {
  readonly title: string
  /** What to read off it, and when to worry. */
  readonly about: string
  /** A unit of Grafana. */
  readonly unit: string
  readonly queries: ReadonlyArray<Query>
  /** A number of now, in place of a graph. */
  readonly stat?: {
    /** Values from which on it is of a colour, beside the base. */
    readonly base: Colour
    readonly steps?: ReadonlyArray<readonly [from: number, colour: Colour]>
  }
  readonly decimals?: number
  readonly stacked?: boolean
}

export type Colour = "green" | "yellow" | "red" | "blue"

export interface Row {
  readonly title: string
  readonly panels: ReadonlyArray<Panel>
}

/** What every selector has: the processes that were chosen. */
export const chosen = 'instance=~"$instance"'

const window = "[$__rate_interval]"

/** Per second, of a counter; `by`: a label. */
export const rate = (counter: string, by?: string, matchers = ""): string =>
  `sum${by === undefined ? "" : ` by (${by}) `}(rate(${counter}{${chosen}${matchers}}${window}))`

/** A quantile of a histogram, over all processes. */
export const quantile = (of: number, histogram: string, matchers = ""): string =>
  `histogram_quantile(${of}, ${rate(`${histogram}_bucket`, "le", matchers)})`

export const mean = (histogram: string): string =>
  `${rate(`${histogram}_sum`)} / ${rate(`${histogram}_count`)}`

/** Half, one in twenty and one in a hundred of what a histogram holds. */
export const quantiles = (histogram: string): ReadonlyArray<Query> => [
  { expr: quantile(0.5, histogram), legend: "p50" },
  { expr: quantile(0.95, histogram), legend: "p95" },
  { expr: quantile(0.99, histogram), legend: "p99" }
]
