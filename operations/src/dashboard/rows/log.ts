/** From a command to its receipt. */
import { chosen, mean, quantile, quantiles, rate, type Row } from "../Panel.ts"

export const log: Row = {
  title: "Commands and the log",
  panels: [
    {
      title: "Commands",
      about:
        "Answered commands of clients. A rejection is an answer; failed ones got none, for want of a database mostly.",
      unit: "cps",
      stacked: true,
      queries: [{ expr: rate("spillway_command_duration_seconds_count", "outcome"), legend: "{{outcome}}" }]
    },
    {
      title: "Time to the receipt",
      about: "From a command's arrival to its answer, after the commit.",
      unit: "s",
      queries: quantiles("spillway_command_duration_seconds")
    },
    {
      title: "Time of a commit",
      about:
        "One append to Postgres. What is above it in the time to the receipt is waiting for the append before.",
      unit: "s",
      queries: quantiles("spillway_commit_duration_seconds")
    },
    {
      title: "Commits and events",
      about: "Appends, and the events in them. The more load, the more events in one append.",
      unit: "cps",
      queries: [
        { expr: rate("spillway_commits_total"), legend: "commits" },
        { expr: rate("spillway_events_committed_total"), legend: "events" }
      ]
    },
    {
      title: "Commands in a commit",
      about: "Client commands and runtime batches that went out together; at most 512.",
      unit: "none",
      decimals: 1,
      queries: [
        { expr: mean("spillway_commit_batch_size"), legend: "mean" },
        { expr: quantile(0.95, "spillway_commit_batch_size"), legend: "p95" }
      ]
    },
    {
      title: "Waiting for the next commit, and decided again",
      about:
        "A queue that stays says that Postgres does not keep up. Conflicts come from several processes on one thread.",
      unit: "none",
      queries: [
        { expr: `sum(spillway_command_queue{${chosen}})`, legend: "waiting" },
        { expr: rate("spillway_commit_conflicts_total"), legend: "conflicts a second" }
      ]
    }
  ]
}
