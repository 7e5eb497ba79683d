/** What to look at first. */
import { chosen, quantile, rate, type Row } from "../Panel.ts"

export const glance: Row = {
  title: "At a glance",
  panels: [
    {
      title: "Processes",
      about: "Processes of Spillway that are seen, by version.",
      unit: "none",
      queries: [{ expr: `count by (version) (spillway_build_info{${chosen}})`, legend: "{{version}}" }],
      stat: { base: "blue" }
    },
    {
      title: "Holds the lease",
      about:
        "Exactly one process of a database runs the turns. At 0 no turn goes on; a takeover takes about ten seconds.",
      unit: "none",
      queries: [{ expr: `sum(spillway_lease_held{${chosen}})`, legend: "processes" }],
      stat: {
        base: "red",
        steps: [
          [1, "green"],
          [2, "red"]
        ]
      }
    },
    {
      title: "Active turns",
      about: "Running, and parked on a question to a person.",
      unit: "none",
      queries: [{ expr: `sum by (state) (spillway_active_turns{${chosen}})`, legend: "{{state}}" }],
      stat: { base: "blue" }
    },
    {
      title: "Turns a minute",
      about: "Turns that ended, however they did.",
      unit: "none",
      decimals: 1,
      queries: [{ expr: `60 * ${rate("spillway_turns_total")}`, legend: "turns" }],
      stat: { base: "blue" }
    },
    {
      title: "Turns that failed",
      about: "Their share. Mostly a provider's doing: the panel of steps and the log say which.",
      unit: "percentunit",
      queries: [
        {
          expr: `${rate("spillway_turns_total", undefined, ', outcome="failed"')} / ${rate("spillway_turns_total")}`,
          legend: "failed"
        }
      ],
      stat: {
        base: "green",
        steps: [
          [0.05, "yellow"],
          [0.2, "red"]
        ]
      }
    },
    {
      title: "Answer to a command",
      about: "99 of 100 commands have their receipt, which is after the commit, within this time.",
      unit: "s",
      queries: [{ expr: quantile(0.99, "spillway_command_duration_seconds"), legend: "p99" }],
      stat: {
        base: "green",
        steps: [
          [0.25, "yellow"],
          [1, "red"]
        ]
      }
    },
    {
      title: "Read models are behind",
      about: "Age of the first event that lists and threads do not show yet.",
      unit: "s",
      queries: [{ expr: `max(spillway_projection_lag_seconds{${chosen}})`, legend: "lag" }],
      stat: {
        base: "green",
        steps: [
          [5, "yellow"],
          [30, "red"]
        ]
      }
    },
    {
      title: "Events in the log",
      about: "The last position.",
      unit: "locale",
      queries: [{ expr: `max(spillway_log_head{${chosen}})`, legend: "events" }],
      stat: { base: "blue" }
    }
  ]
}
