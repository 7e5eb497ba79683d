/**
 * What any Node process tells about itself, under the names that Prometheus' own clients use, so that dashboards and alerts for Node fit.
 * `docs/monitoring.md` lists them.
 */
import {
  type CounterDefinition,
  type GaugeDefinition,
  type HistogramDefinition,
  histogramsOf,
  showCount,
  showGauge,
  showGaugeOf
} from "@spillway/orchestration"
import { Effect, Layer } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import { constants, monitorEventLoopDelay, performance, PerformanceObserver } from "node:perf_hooks"
import { VERSION } from "../version.ts"

const gauge = <L extends string = never>(
  name: string,
  unit: string,
  meaning: string,
  label: GaugeDefinition<L>["label"] = null
): GaugeDefinition<L> => ({ name, kind: "gauge", unit, meaning, label, buckets: [] })

const counter = (name: string, unit: string, meaning: string): CounterDefinition<never> => ({
  name,
  kind: "counter",
  unit,
  meaning,
  label: null,
  buckets: []
})

const version = (value: string) => ({ name: "version", values: [value] })

const gcKinds = ["major", "minor", "incremental", "weakcb"] as const
type GcKind = (typeof gcKinds)[number]

const gcDuration: HistogramDefinition<GcKind> = {
  name: "nodejs_gc_duration_seconds",
  kind: "histogram",
  unit: "seconds",
  meaning: "Pauses for garbage collection, by kind.",
  label: { name: "kind", values: gcKinds },
  buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1]
}

export const processMetrics = {
  build: gauge("spillway_build_info", "1", "Always 1; the label is the version that runs.", version(VERSION)),
  node: gauge(
    "nodejs_version_info",
    "1",
    "Always 1; the label is the version of Node.",
    version(process.version)
  ),
  startTime: gauge("process_start_time_seconds", "seconds", "When the process began, since 1970."),
  cpu: counter("process_cpu_seconds_total", "seconds", "Processor time, user and system."),
  resident: gauge("process_resident_memory_bytes", "bytes", "Memory that the process holds."),
  openFiles: gauge("process_open_fds", "file descriptors", "Open files and sockets. On Linux only."),
  mostFiles: gauge("process_max_fds", "file descriptors", "How many may be open. On Linux only."),
  heapTotal: gauge("nodejs_heap_size_total_bytes", "bytes", "The heap of JavaScript."),
  heapUsed: gauge("nodejs_heap_size_used_bytes", "bytes", "What is in use of it."),
  external: gauge(
    "nodejs_external_memory_bytes",
    "bytes",
    "Memory beside the heap that objects hold, buffers mostly."
  ),
  active: counter(
    "nodejs_eventloop_active_seconds_total",
    "seconds",
    "Time in which the event loop was at work."
  ),
  lagMedian: gauge(
    "nodejs_eventloop_lag_p50_seconds",
    "seconds",
    "How late the event loop is, in the middle, since the last reading."
  ),
  lagP99: gauge("nodejs_eventloop_lag_p99_seconds", "seconds", "The same for one time in a hundred."),
  lagMost: gauge("nodejs_eventloop_lag_max_seconds", "seconds", "The same at worst."),
  gcDuration
} as const

/** Milliseconds between two looks at the event loop. */
const LAG_RESOLUTION = 20

/** Readings of the lag that are closer together are one: a page has several of its values. Milliseconds. */
const SAME_READING = 1_000

/** Shown while the layer is there, in the registry of `Metric.MetricRegistry`. */
export const layerProcessMetrics: Layer.Layer<never> = Layer.effectDiscard(
  Effect.gen(function* () {
    const own = processMetrics
    yield* showGaugeOf(own.build, VERSION, () => 1)
    yield* showGaugeOf(own.node, process.version, () => 1)
    yield* showGauge(own.startTime, () => performance.timeOrigin / 1_000)
    yield* showCount(own.cpu, () => {
      const { system, user } = process.cpuUsage()
      return (system + user) / 1e6
    })
    yield* showGauge(own.resident, () => process.memoryUsage.rss())
    yield* showGauge(own.heapTotal, () => process.memoryUsage().heapTotal)
    yield* showGauge(own.heapUsed, () => process.memoryUsage().heapUsed)
    yield* showGauge(own.external, () => process.memoryUsage().external)
    yield* showCount(own.active, () => performance.eventLoopUtilization().active / 1_000)
    if (process.platform === "linux") {
      const most = mostFiles()
      yield* showGauge(own.openFiles, openFiles)
      yield* showGauge(own.mostFiles, () => most)
    }

    const lag = yield* eventLoopLag
    yield* showGauge(own.lagMedian, () => lag().median)
    yield* showGauge(own.lagP99, () => lag().p99)
    yield* showGauge(own.lagMost, () => lag().most)

    const pauses = yield* histogramsOf(own.gcDuration)
    yield* observeGc((kind, seconds) => pauses[kind].record(seconds))
  })
)

/** Seconds by which timers were late since the last reading. */
const eventLoopLag = Effect.gen(function* () {
  const histogram = yield* Effect.acquireRelease(
    Effect.sync(() => {
      const histogram = monitorEventLoopDelay({ resolution: LAG_RESOLUTION })
      histogram.enable()
      return histogram
    }),
    (histogram) => Effect.sync(() => void histogram.disable())
  )
  // What is measured is from one look to the next.
  const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - LAG_RESOLUTION) / 1_000
  let readAt = Number.NEGATIVE_INFINITY
  let reading = { median: 0, p99: 0, most: 0 }
  return () => {
    if (performance.now() - readAt < SAME_READING) return reading
    readAt = performance.now()
    if (histogram.count > 0) {
      reading = {
        median: late(histogram.percentile(50)),
        p99: late(histogram.percentile(99)),
        most: late(histogram.max)
      }
      histogram.reset()
    }
    return reading
  }
})

const kindsOfGc: Readonly<Record<number, GcKind>> = {
  [constants.NODE_PERFORMANCE_GC_MAJOR]: "major",
  [constants.NODE_PERFORMANCE_GC_MINOR]: "minor",
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: "incremental",
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: "weakcb"
}

/** Not in the types of Node. */
interface GcEntry {
  readonly detail: { readonly kind: number }
}

const observeGc = (record: (kind: GcKind, seconds: number) => void) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const observer = new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          const kind = kindsOfGc[(entry as unknown as GcEntry).detail.kind]
          if (kind !== undefined) record(kind, entry.duration / 1_000)
        }
      })
      observer.observe({ entryTypes: ["gc"] })
      return observer
    }),
    (observer) => Effect.sync(() => observer.disconnect())
  )

/** The reading itself holds one. */
const openFiles = (): number => {
  try {
    return readdirSync("/proc/self/fd").length - 1
  } catch {
    return 0
  }
}

const mostFiles = (): number => {
  try {
    return Number(/^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1] ?? 0)
  } catch {
    return 0
  }
}
