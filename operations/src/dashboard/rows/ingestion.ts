/** What runtimes report, on its way to the log. */
import { chosen, rate, type Row } from "../Panel.ts"

export const ingestion: Row = {
  title: "From a runtime to the log",
  panels: [
    {
      title: "The ingestion budget",
      about:
        "Runtime events that are taken in and not done with. At the limit runtimes wait, down to the provider's socket.",
      unit: "none",
      queries: [
        { expr: `sum(spillway_ingestion_budget_used_events{${chosen}})`, legend: "in use" },
        { expr: `sum(spillway_ingestion_budget_limit_events{${chosen}})`, legend: "limit" },
        { expr: `max(spillway_longest_lane_events{${chosen}})`, legend: "fullest lane" }
      ]
    },
    {
      title: "Runtimes that are kept waiting",
      about: "Now and then is backpressure at work; for minutes is a database that does not keep up.",
      unit: "none",
      queries: [{ expr: `sum(spillway_waiting_producers{${chosen}})`, legend: "waiting" }]
    },
    {
      title: "Text that left its buffer, by why",
      about: "Pieces a second. Mostly cuts in streaming, boundaries and closes in buffered turns.",
      unit: "cps",
      stacked: true,
      queries: [{ expr: rate("spillway_text_flushes_total", "reason"), legend: "{{reason}}" }]
    },
    {
      title: "Text to the log",
      about: "UTF-16 code units a second, by why they left.",
      unit: "cps",
      stacked: true,
      queries: [{ expr: rate("spillway_text_flushed_code_units_total", "reason"), legend: "{{reason}}" }]
    },
    {
      title: "Live frames",
      about:
        "Published by sessions, and given up for clients that did not take them; those start again from the tail.",
      unit: "cps",
      queries: [
        { expr: rate("spillway_live_frames_published_total"), legend: "published" },
        { expr: rate("spillway_live_frames_dropped_total"), legend: "given up" }
      ]
    }
  ]
}
