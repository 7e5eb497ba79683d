/** What pages of metrics have, held against what queries ask for. */
import type { Family } from "spillway/testing"
import { askedBy } from "./metricNames.ts"

export type Pages = ReadonlyArray<ReadonlyMap<string, Family>>

/** These may stay 0 under a load that goes well, or on a machine that is quick; a label's value where only that may. */
const MAY_BE_ZERO = new Set([
  "spillway_commit_conflicts_total",
  "spillway_listen_reconnections_total",
  "spillway_paused_reads",
  "spillway_projection_failed",
  // Looked up every five seconds, and so little is rebuilt in less.
  "spillway_projection_rebuild_running",
  "spillway_command_duration_seconds failed",
  "spillway_frames_sent_total ping",
  "spillway_frames_sent_total pong",
  // There is no setting for how many requests may be under way.
  "spillway_turned_away_total requests",
  "spillway_steps_total content-filter",
  "spillway_steps_total length",
  "spillway_steps_total other",
  "spillway_steps_total unknown",
  "nodejs_gc_duration_seconds incremental",
  "nodejs_gc_duration_seconds major",
  "nodejs_gc_duration_seconds weakcb"
])

/** Given by Prometheus itself. */
const OF_THE_TARGET = new Set(["instance", "job"])

/** What a query asks for and no page has. */
export const unanswered = (expression: string, pages: Pages): ReadonlyArray<string> => {
  const { groupedBy, selectors } = askedBy(expression)
  const samples = pages.flatMap((page) => [...page.values()].flatMap((family) => family.samples))
  const labelsOf = (metric: string) => {
    const found = samples.filter(({ name }) => name === metric)
    return found.length === 0 ? undefined : new Set(found.flatMap(({ labels }) => Object.keys(labels)))
  }
  const known = new Set<string>(OF_THE_TARGET)
  const complaints: Array<string> = []
  for (const { labels, metric } of selectors) {
    const has = labelsOf(metric)
    if (has === undefined) complaints.push(`no page has ${metric}`)
    for (const label of has ?? []) known.add(label)
    for (const label of labels) {
      if (has !== undefined && !has.has(label) && !OF_THE_TARGET.has(label)) {
        complaints.push(`${metric} has no label ${label}`)
      }
    }
  }
  for (const label of groupedBy) if (!known.has(label)) complaints.push(`nothing has the label ${label}`)
  return complaints
}

/** Samples that were 0 on every page. */
export const unmoved = (pages: Pages): ReadonlyArray<string> => {
  const most = new Map<string, number>()
  for (const page of pages) {
    for (const { name: family, samples, type } of page.values()) {
      for (const { labels, name, value } of samples) {
        const key = [family, ...Object.values(labels)].join(" ")
        if (
          (type === "histogram" && name !== `${family}_count`) ||
          MAY_BE_ZERO.has(family) ||
          MAY_BE_ZERO.has(key)
        )
          continue
        most.set(key, Math.max(most.get(key) ?? 0, value))
      }
    }
  }
  return [...most].filter(([, value]) => value === 0).map(([key]) => key)
}

/** Metrics of the pages that none of the queries asks for, each once. */
export const leftOut = (pages: Pages, expressions: ReadonlyArray<string>): ReadonlyArray<string> => {
  const asked = new Set(
    expressions.flatMap((expression) => askedBy(expression).selectors.map(({ metric }) => metric))
  )
  const unasked = pages
    .flatMap((page) => [...page.values()])
    .filter(({ samples }) => !samples.some(({ name }) => asked.has(name)))
  return [...new Set(unasked.map(({ name }) => name))]
}
