/** Who follows threads from outside, and whether they keep up; who runs turns from outside. */
import { chosen, rate, type Row } from "../Panel.ts"

export const doors: Row = {
  title: "Websockets, event streams and runtimes of other processes",
  panels: [
    {
      title: "Connections",
      about:
        "Open websockets and event streams, processes that run turns, and websockets that are not read for now.",
      unit: "none",
      queries: [
        { expr: `sum(spillway_sockets{${chosen}})`, legend: "websockets" },
        { expr: `sum(spillway_event_streams{${chosen}})`, legend: "event streams" },
        { expr: `sum(spillway_runtime_hosts{${chosen}})`, legend: "runtimes of other processes" },
        { expr: `sum(spillway_paused_reads{${chosen}})`, legend: "not read for now" }
      ]
    },
    {
      title: "What is followed",
      about: "Subscriptions on websockets.",
      unit: "none",
      stacked: true,
      queries: [{ expr: `sum by (kind) (spillway_subscriptions{${chosen}})`, legend: "{{kind}}" }]
    },
    {
      title: "Frames sent",
      about: "On websockets, by type.",
      unit: "cps",
      stacked: true,
      queries: [{ expr: rate("spillway_frames_sent_total", "type"), legend: "{{type}}" }]
    },
    {
      title: "Bytes sent",
      about: "JSON text of the frames, before compression.",
      unit: "Bps",
      queries: [{ expr: rate("spillway_frames_sent_bytes_total"), legend: "bytes" }]
    },
    {
      title: "Clients that do not keep up",
      about:
        "Out of credit; then events are let go of and read again later; at last the socket closes with 4408.",
      unit: "cps",
      queries: [
        { expr: rate("spillway_credit_stalls_total"), legend: "out of credit" },
        { expr: rate("spillway_reader_pauses_total"), legend: "paused" },
        { expr: rate("spillway_stalled_closes_total"), legend: "closed" }
      ]
    },
    {
      title: "Clients that are sent away",
      about:
        "With 503, because the process has as many as it takes: raise the limit or run another. With 4429, because frame after frame was wrong.",
      unit: "cps",
      queries: [
        { expr: rate("spillway_turned_away_total", "what"), legend: "too many {{what}}" },
        { expr: rate("spillway_wrong_closes_total"), legend: "wrong frames" }
      ]
    },
    {
      title: "Sessions in other processes",
      about: "Awaited: their runtime is not connected; their turns fail when it does not come back in time.",
      unit: "none",
      stacked: true,
      queries: [{ expr: `sum by (host) (spillway_remote_sessions{${chosen}})`, legend: "{{host}}" }]
    },
    {
      title: "Reports of runtimes in other processes",
      about:
        "Repeated ones come after a lost connection. Refused: a gap before them, or beyond their credit, which is a runtime's bug.",
      unit: "cps",
      stacked: true,
      queries: [{ expr: rate("spillway_runtime_reports_total", "outcome"), legend: "{{outcome}}" }]
    }
  ]
}
