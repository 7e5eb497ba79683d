/** What the agents do. */
import { chosen, rate, type Row } from "../Panel.ts"

export const turns: Row = {
  title: "Turns",
  panels: [
    {
      title: "Turns, by how they ended",
      about: "Interrupted: by a person, or by a process that was lost.",
      unit: "cps",
      stacked: true,
      queries: [{ expr: rate("spillway_turns_total", "outcome"), legend: "{{outcome}}" }]
    },
    {
      title: "Active turns",
      about: "As the process with the lease counts them. Parked ones wait for a person, and cost nothing.",
      unit: "none",
      stacked: true,
      queries: [{ expr: `sum by (state) (spillway_active_turns{${chosen}})`, legend: "{{state}}" }]
    },
    {
      title: "Steps, by how the model call finished",
      about: "A step is one model call with its tool calls.",
      unit: "cps",
      stacked: true,
      queries: [{ expr: rate("spillway_steps_total", "finish_reason"), legend: "{{finish_reason}}" }]
    },
    {
      title: "Tokens",
      about: "As the provider counted them.",
      unit: "cps",
      queries: [{ expr: rate("spillway_tokens_total", "direction"), legend: "{{direction}}" }]
    },
    {
      title: "Tool calls, by how they ended",
      about: "Denied: a person said no.",
      unit: "cps",
      stacked: true,
      queries: [{ expr: rate("spillway_tool_calls_total", "outcome"), legend: "{{outcome}}" }]
    },
    {
      title: "Sessions and lanes",
      about: "Runtimes that run, each with a lane to the log.",
      unit: "none",
      queries: [
        { expr: `sum(spillway_sessions{${chosen}})`, legend: "sessions" },
        { expr: `sum(spillway_lanes{${chosen}})`, legend: "lanes" }
      ]
    }
  ]
}
