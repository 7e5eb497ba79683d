/** Who reads the log: read models, other processes. */
import { chosen, rate, type Row } from "../Panel.ts"

export const followers: Row = {
  title: "Behind the log",
  panels: [
    {
      title: "How far read models are behind",
      about: "In events.",
      unit: "none",
      queries: [
        {
          expr: `max by (projection) (spillway_projection_lag_positions{${chosen}})`,
          legend: "{{projection}}"
        }
      ]
    },
    {
      title: "How long read models are behind",
      about: "Age of the first event that they do not hold.",
      unit: "s",
      queries: [
        { expr: `max by (projection) (spillway_projection_lag_seconds{${chosen}})`, legend: "{{projection}}" }
      ]
    },
    {
      title: "Read models that stand still",
      about:
        "1: a projection can't get past an event. The log says which; the process is not ready meanwhile.",
      unit: "none",
      queries: [
        { expr: `max by (projection) (spillway_projection_failed{${chosen}})`, legend: "{{projection}}" }
      ]
    },
    {
      title: "The lease, and news of other processes",
      about:
        "Which process runs the turns, and how often the connection that listens for commits was made again.",
      unit: "none",
      queries: [
        { expr: `max by (instance) (spillway_lease_held{${chosen}})`, legend: "{{instance}} holds it" },
        {
          expr: rate("spillway_listen_reconnections_total", "instance"),
          legend: "{{instance}} listens again"
        }
      ]
    }
  ]
}
