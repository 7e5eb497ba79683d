import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Logger, Metric, Tracer } from "effect"
import { TestClock } from "effect/testing"
import { HttpMiddleware } from "effect/http"
import { collector, nobody, stuckCollector } from "../testing/Collector.ts"
import { settingsOf } from "../testing/settingsOf.ts"
import { ratioOf, sampled } from "./sampling.ts"
import { exportsOf, layerTelemetry } from "./telemetry.ts"

interface Line {
  readonly at: number
  readonly text: string
}

/** Runs it with what an environment asks for, and sends what is left. */
const withTelemetry = Effect.fnUntraced(function* <A>(
  env: Record<string, string>,
  effect: Effect.Effect<A>,
  lines: Array<Line> = []
) {
  const settings = yield* settingsOf(env)
  const logger = Logger.make(({ date, message }) =>
    lines.push({ at: date.getTime(), text: JSON.stringify(message) })
  )
  return yield* effect.pipe(
    Effect.provide(Layer.provideMerge(layerTelemetry(settings), Logger.layer([logger]))),
    Effect.provideService(Metric.MetricRegistry, new Map())
  )
})

/** Virtual time runs by itself, and leaves room for what happens on sockets. */
const ticking = Effect.andThen(
  TestClock.adjust("100 millis"),
  Effect.callback<void>((resume) => void setImmediate(() => resume(Effect.void)))
).pipe(Effect.forever, Effect.forkScoped)

const turns = Metric.counter("spillway_turns_total")

const work = Effect.gen(function* () {
  yield* Metric.update(turns, 3)
  yield* Effect.logInfo("The password is open-sesame", { threadId: "t1" })
  return yield* Effect.withSpan(Effect.succeed("done"), "spillway.turn", {
    attributes: { "spillway.turn_id": "u1" }
  })
})

describe("the export of telemetry", () => {
  it.effect("sends spans, metrics and log lines, and at the end what is left of them", () =>
    Effect.gen(function* () {
      const { json, received, url } = yield* collector
      const lines: Array<Line> = []
      const done = yield* withTelemetry(
        {
          SPILLWAY_OTLP_ENDPOINT: `${url}/`,
          OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
          OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
          OTEL_EXPORTER_OTLP_HEADERS: "x-key=a%20b",
          OTEL_SERVICE_NAME: "spillway-test",
          OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=test",
          SPILLWAY_TOKEN: "open-sesame"
        },
        work,
        lines
      )
      expect(done).toBe("done")
      expect(lines).toHaveLength(1)
      const attribute = (key: string, stringValue: string) =>
        expect.objectContaining({ key, value: { stringValue } })
      const resource = {
        attributes: expect.arrayContaining([
          attribute("service.name", "spillway-test"),
          attribute("deployment.environment", "test")
        ])
      }
      expect(json("/v1/traces")).toMatchObject([
        {
          resourceSpans: [
            {
              resource,
              scopeSpans: [
                { spans: [{ name: "spillway.turn", attributes: [attribute("spillway.turn_id", "u1")] }] }
              ]
            }
          ]
        }
      ])
      expect(json("/v1/metrics").at(-1)).toMatchObject({
        resourceMetrics: [
          {
            resource,
            scopeMetrics: [
              { metrics: [{ name: "spillway_turns_total", sum: { dataPoints: [{ asDouble: 3 }] } }] }
            ]
          }
        ]
      })
      expect(json("/v1/logs")).toMatchObject([
        { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [{ severityText: "Info" }] }] }] }
      ])
      const sent = received.map(({ body }) => body.toString("utf8")).join()
      expect(sent).toContain("The password is [redacted]")
      expect(sent).not.toContain("sesame")
      for (const { headers } of received) expect(headers["x-key"]).toBe("a b")
    })
  )

  it.effect("is protobuf unless told, compressed when told, and of the signals that are asked for", () =>
    Effect.gen(function* () {
      const { received, url } = yield* collector
      yield* withTelemetry(
        {
          OTEL_EXPORTER_OTLP_ENDPOINT: url,
          OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
          OTEL_METRICS_EXPORTER: "none",
          OTEL_LOGS_EXPORTER: "none"
        },
        Effect.forEach(Array.from({ length: 50 }), () => work, { discard: true })
      )
      expect(received.map(({ path }) => path)).toEqual(["/v1/traces"])
      expect(received[0]!.headers).toMatchObject({
        "content-type": "application/x-protobuf",
        "content-encoding": "gzip"
      })
    })
  )

  it.effect("is nothing without an endpoint, or when it is disabled", () =>
    Effect.gen(function* () {
      expect(exportsOf(yield* settingsOf()).size).toBe(0)
      const env = { SPILLWAY_OTLP_ENDPOINT: "http://127.0.0.1:4318" }
      expect(exportsOf(yield* settingsOf(env)).size).toBe(3)
      expect(exportsOf(yield* settingsOf({ ...env, OTEL_SDK_DISABLED: "true" })).size).toBe(0)
      expect(yield* Effect.provide(Effect.tracer, layerTelemetry(yield* settingsOf()))).toBe(
        Tracer.nativeTracer
      )
    })
  )
})

describe("a collector that is not there", () => {
  const signals = ["traces", "metrics", "logs"]

  it.effect("changes nothing but a warning for each signal, once a minute", () =>
    Effect.gen(function* () {
      yield* ticking
      const lines: Array<Line> = []
      const url = yield* nobody
      const warningsOf = (signal: string) =>
        lines.filter(({ text }) => text.includes(`${url}/v1/${signal}`) && text.includes("ECONNREFUSED"))
      const done = yield* withTelemetry(
        { SPILLWAY_OTLP_ENDPOINT: url, OTEL_METRIC_EXPORT_INTERVAL: "5000" },
        Effect.delay(work, "1 second").pipe(
          Effect.repeat({ until: () => signals.every((signal) => warningsOf(signal).length > 1) })
        ),
        lines
      )
      expect(done).toBe("done")
      for (const signal of signals) {
        const times = warningsOf(signal).map(({ at }) => at)
        for (const [i, at] of times.slice(1).entries()) expect(at - times[i]!).toBeGreaterThanOrEqual(60_000)
      }
    })
  )

  it.effect(
    "or takes requests and answers none is asked eight times at once, and left alone when the server ends",
    () =>
      Effect.gen(function* () {
        yield* ticking
        const lines: Array<Line> = []
        const stuck = yield* stuckCollector
        yield* withTelemetry(
          { SPILLWAY_OTLP_ENDPOINT: stuck.url, OTEL_EXPORTER_OTLP_TIMEOUT: "2000" },
          Effect.gen(function* () {
            for (let i = 0; i < 40_000; i++) yield* Effect.withSpan(Effect.void, "spillway.turn")
            yield* stuck.first
            yield* Effect.sleep("20 seconds")
          }),
          lines
        )
        expect(stuck.open.most).toBeLessThanOrEqual(8)
        expect(JSON.stringify(lines)).toMatch(/no answer within 2000 ms|too many exports are under way/)
      })
  )
})

describe("the choice of what is traced", () => {
  const spans = (ratio: number, random: () => number) =>
    Effect.gen(function* () {
      const made: Array<[name: string, sampled: boolean]> = []
      const tracer = sampled(
        Tracer.make({
          span: (options) => {
            made.push([options.name, options.sampled])
            return Tracer.nativeTracer.span(options)
          }
        }),
        ratio,
        random
      )
      yield* Effect.gen(function* () {
        yield* Effect.withSpan(Effect.void, "sql.execute")
        yield* Effect.withSpan(Effect.withSpan(Effect.void, "sql.execute"), "http.server GET", {
          kind: "server"
        })
      }).pipe(Effect.withTracer(tracer))
      return made
    })

  it.effect("takes requests with what is in them, and no query of the background", () =>
    Effect.gen(function* () {
      expect(yield* spans(0.5, () => 0.4)).toEqual([
        ["sql.execute", false],
        ["http.server GET", true],
        ["sql.execute", true]
      ])
      expect(yield* spans(0.5, () => 0.5)).toEqual([
        ["sql.execute", false],
        ["http.server GET", false],
        ["sql.execute", false]
      ])
    })
  )

  it.effect("is a share of the traces where the sampler has one", () =>
    Effect.gen(function* () {
      const ratio = (sampler: string) =>
        Effect.map(settingsOf({ OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: "0.25" }), ratioOf)
      expect(yield* ratio("always_on")).toBe(1)
      expect(yield* ratio("parentbased_always_off")).toBe(0)
      expect(yield* ratio("parentbased_traceidratio")).toBe(0.25)
      expect(yield* ratio("traceidratio")).toBe(0.25)
      expect(ratioOf(yield* settingsOf())).toBe(1)
    })
  )

  it.effect("leaves out health checks and readings of the metrics", () =>
    Effect.gen(function* () {
      const settings = yield* settingsOf({
        SPILLWAY_OTLP_ENDPOINT: "http://127.0.0.1:1",
        OTEL_METRICS_EXPORTER: "none"
      })
      const isLeftOut = yield* HttpMiddleware.TracerDisabledWhen.pipe(
        Effect.provide(layerTelemetry(settings))
      )
      const of = (url: string) => isLeftOut({ url } as Parameters<typeof isLeftOut>[0])
      expect(["/health/ready", "/metrics", "/metrics?x=1"].map(of)).toEqual([true, true, true])
      expect(["/v1/threads", "/v1/threads?q=/metrics"].map(of)).toEqual([false, false])
    })
  )
})
