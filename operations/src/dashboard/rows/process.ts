/** What Node and the machine say. */
import { chosen, rate, type Row } from "../Panel.ts"

export const process: Row = {
  title: "The process",
  panels: [
    {
      title: "Processor",
      about:
        "Cores in use, and the share of time in which the event loop was at work: near 1 everything waits.",
      unit: "none",
      decimals: 2,
      queries: [
        { expr: rate("process_cpu_seconds_total", "instance"), legend: "{{instance}} cores" },
        { expr: rate("nodejs_eventloop_active_seconds_total", "instance"), legend: "{{instance}} event loop" }
      ]
    },
    {
      title: "Memory",
      about: "What each process holds, and what JavaScript uses of it.",
      unit: "bytes",
      queries: [
        {
          expr: `max by (instance) (process_resident_memory_bytes{${chosen}})`,
          legend: "{{instance}} resident"
        },
        { expr: `max by (instance) (nodejs_heap_size_total_bytes{${chosen}})`, legend: "{{instance}} heap" },
        {
          expr: `max by (instance) (nodejs_heap_size_used_bytes{${chosen}})`,
          legend: "{{instance}} heap in use"
        },
        {
          expr: `max by (instance) (nodejs_external_memory_bytes{${chosen}})`,
          legend: "{{instance}} buffers"
        }
      ]
    },
    {
      title: "How late the event loop is",
      about: "Since the reading before. Above 100 ms clients notice.",
      unit: "s",
      queries: [
        { expr: `max(nodejs_eventloop_lag_p50_seconds{${chosen}})`, legend: "p50" },
        { expr: `max(nodejs_eventloop_lag_p99_seconds{${chosen}})`, legend: "p99" },
        { expr: `max(nodejs_eventloop_lag_max_seconds{${chosen}})`, legend: "at worst" }
      ]
    },
    {
      title: "Garbage collection",
      about: "Share of time in pauses, by kind.",
      unit: "percentunit",
      stacked: true,
      queries: [{ expr: rate("nodejs_gc_duration_seconds_sum", "kind"), legend: "{{kind}}" }]
    },
    {
      title: "Open files and sockets",
      about: "Against how many may be open.",
      unit: "none",
      queries: [
        { expr: `max by (instance) (process_open_fds{${chosen}})`, legend: "{{instance}} open" },
        { expr: `max by (instance) (process_max_fds{${chosen}})`, legend: "{{instance}} limit" }
      ]
    },
    {
      title: "Running for",
      about: "Time since each process began. The label of the version says which Node it is.",
      unit: "s",
      queries: [
        {
          expr: `time() - max by (instance) (process_start_time_seconds{${chosen}})`,
          legend: "{{instance}}"
        },
        {
          expr: `time() - max by (version) (process_start_time_seconds{${chosen}} * on (instance) group_left (version) nodejs_version_info{${chosen}})`,
          legend: "Node {{version}}"
        }
      ]
    }
  ]
}
