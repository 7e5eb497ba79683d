/** Who follows threads from outside, and whether they keep up. */
import { chosen, rate, type Row } from "../Panel.ts"

export const doors: Row = {
  title: "Websockets and event streams",
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
    }
  ]
}
