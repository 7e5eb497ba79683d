/** Who reads the log: read models, other processes. And whether there is a database to read it from. */
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
      title: "Read models that are rebuilt",
      about:
        "How much of the log the new tables hold; 1 when none are rebuilt. Less with nobody at work is a rebuild that was cut off.",
      unit: "none",
      decimals: 2,
      queries: [
        {
          expr: `min by (projection) (spillway_projection_rebuild_ratio{${chosen}})`,
          legend: "{{projection}}"
        },
        {
          expr: `max by (projection) (spillway_projection_rebuild_running{${chosen}})`,
          legend: "{{projection}} is worked on"
        }
      ]
    },
    {
      title: "The database is away",
      about:
        "1: a process can't reach it, or can't write to it; commands wait. Beside it how often that began, in the last hour.",
      unit: "none",
      queries: [
        { expr: `max by (instance) (spillway_database_away{${chosen}})`, legend: "{{instance}}" },
        {
          expr: `sum by (instance) (increase(spillway_database_outages_total{${chosen}}[1h]))`,
          legend: "{{instance}} outages"
        }
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
