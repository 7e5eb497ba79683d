import { describe, expect, it } from "@effect/vitest"
import { Effect, Metric, Redacted } from "effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { Listener } from "../doors/Listener.ts"
import { layerTestServer } from "../testing/TestServer.ts"
import { readMetrics } from "../testing/readMetrics.ts"
import { metricsPage } from "./metricsPage.ts"
import { layerProcessMetrics, processMetrics } from "./processMetrics.ts"

const page = Effect.gen(function* () {
  const response = HttpServerResponse.toWeb(yield* metricsPage)
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8")
  return yield* Effect.promise(() => response.text())
})

/** A registry of the test's own: that of the process is shared. */
const withRegistry = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.provideService(effect, Metric.MetricRegistry, new Map())

describe("the page of metrics", () => {
  it.effect("is in Prometheus' text format, also where texts hold what has a meaning there", () =>
    Effect.gen(function* () {
      const odd = 'a "quoted" \\ back\nslash'
      const counter = Metric.counter("odd_total", { description: odd, attributes: { name: odd } })
      yield* Metric.update(counter, 2)
      yield* Metric.update(Metric.withAttributes(counter, { name: "plain" }), 1)
      const histogram = Metric.histogram("odd_seconds", {
        description: "Seconds.",
        boundaries: [0.001, 1, 5]
      })
      for (const value of [0.0005, 0.5, 7]) yield* Metric.update(histogram, value)
      const families = readMetrics(yield* page)
      expect(families.get("odd_total")).toEqual({
        name: "odd_total",
        type: "counter",
        help: odd,
        samples: [
          { name: "odd_total", labels: { name: odd }, value: 2 },
          { name: "odd_total", labels: { name: "plain" }, value: 1 }
        ]
      })
      expect(families.get("odd_seconds")!.samples).toEqual([
        { name: "odd_seconds_bucket", labels: { le: "0.001" }, value: 1 },
        { name: "odd_seconds_bucket", labels: { le: "1" }, value: 2 },
        { name: "odd_seconds_bucket", labels: { le: "5" }, value: 2 },
        { name: "odd_seconds_bucket", labels: { le: "+Inf" }, value: 3 },
        { name: "odd_seconds_sum", labels: {}, value: 7.5005 },
        { name: "odd_seconds_count", labels: {}, value: 3 }
      ])
    }).pipe(withRegistry)
  )

  it.effect("tells of the process, as long as it is told to", () =>
    Effect.gen(function* () {
      yield* Effect.gen(function* () {
        const families = readMetrics(yield* page)
        expect([...families.keys()].sort()).toEqual(
          Object.values(processMetrics)
            .map(({ name }) => name)
            .filter((name) => process.platform === "linux" || !name.endsWith("_fds"))
            .sort()
        )
        const value = (name: string) => families.get(name)!.samples[0]!.value
        expect(value("process_resident_memory_bytes")).toBeGreaterThan(10 << 20)
        expect(value("process_resident_memory_bytes")).toBeGreaterThan(
          value("nodejs_heap_size_used_bytes") / 2
        )
        expect(value("process_cpu_seconds_total")).toBeGreaterThan(0)
        expect(value("process_start_time_seconds")).toBeLessThan(Date.now() / 1_000)
        expect(value("process_start_time_seconds")).toBeGreaterThan(Date.now() / 1_000 - 86_400)
        expect(value("nodejs_eventloop_lag_p99_seconds")).toBeGreaterThanOrEqual(0)
        if (process.platform === "linux") {
          expect(value("process_open_fds")).toBeGreaterThan(2)
          expect(value("process_max_fds")).toBeGreaterThan(value("process_open_fds"))
        }
        const { samples } = families.get("spillway_build_info")!
        expect(samples).toMatchObject([{ value: 1, labels: { version: expect.any(String) } }])
      }).pipe(Effect.provide(layerProcessMetrics))
      expect(yield* Metric.snapshot).toEqual([])
    }).pipe(withRegistry)
  )
})

const fetched = Effect.fnUntraced(function* (headers: Record<string, string> = {}) {
  const { address } = yield* Listener
  const response = yield* Effect.promise(() => fetch(`http://${address}/metrics`, { headers }))
  return { response, text: yield* Effect.promise(() => response.text()) }
})

describe("GET /metrics", () => {
  it.live("asks for the token where there is one", () =>
    Effect.gen(function* () {
      expect((yield* fetched()).response.status).toBe(401)
      expect((yield* fetched({ authorization: "Bearer wrong" })).response.status).toBe(401)
      const { response } = yield* fetched({ authorization: "Bearer sesame" })
      expect(response.status).toBe(200)
      expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8")
      expect(response.headers.get("cache-control")).toBe("no-store")
    }).pipe(Effect.provide(layerTestServer({ token: Redacted.make("sesame") })), withRegistry)
  )
})

describe("the strict reading of a page", () => {
  const refuses = (page: string, why: RegExp) => expect(() => readMetrics(page)).toThrow(why)

  it("refuses what Prometheus would refuse or misunderstand", () => {
    const head = "# HELP a A.\n# TYPE a counter\n"
    refuses(`${head}a 1`, /line's end/)
    refuses("# TYPE a counter\na 1\n", /without HELP/)
    refuses(`${head}a 1\na 2\n`, /twice/)
    refuses(`${head}a -1\n`, /below 0/)
    refuses(`${head}b 1\n`, /outside/)
    refuses(`${head}a{b="c"d"} 1\n`, /No line/)
    refuses(`${head}a{b=c} 1\n`, /No line/)
    refuses(`${head}a one\n`, /No line/)
    refuses(`${head}a 1\n${head}`, /twice/)
    const buckets = "# HELP h H.\n# TYPE h histogram\n"
    refuses(`${buckets}h_bucket{le="1"} 1\nh_sum 1\nh_count 1\n`, /add up/)
    refuses(`${buckets}h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n`, /add up/)
    refuses(`${buckets}h_bucket{le="+Inf"} 1\nh_count 1\n`, /no sum/)
  })
})
