/**
 * Sends traces, metrics and logs to an OpenTelemetry collector, when one is named. Stopped, it sends what it has; whether the collector
 * is there makes no difference to the server.
 */
import { ConfigProvider, Effect, Layer, Redacted, Tracer } from "effect"
import { HttpMiddleware, UrlParams } from "effect/http"
import { OtlpExporter, OtlpLogger, OtlpMetrics, OtlpSerialization, OtlpTracer } from "effect/observability"
import { randomUUID } from "node:crypto"
import { hostname } from "node:os"
import { TracingSettings, type TracingSettingsValue, VERSION } from "spillway/effect"
import type { Settings } from "../config/readSettings.ts"
import { pairsOf } from "../config/texts.ts"
import { plain } from "../logging/plain.ts"
import { redactor } from "../logging/redaction.ts"
import { layerExportClient } from "./exportClient.ts"
import { ratioOf, sampled } from "./sampling.ts"

/** How long each signal's last export may take, in milliseconds. */
const SHUTDOWN_TIMEOUT = 3_000

export type Signal = "traces" | "metrics" | "logs"

/** Where each signal is sent; none when nothing is exported. */
export const exportsOf = (settings: Settings): ReadonlyMap<Signal, string> => {
  const base = settings.SPILLWAY_OTLP_ENDPOINT ?? settings.OTEL_EXPORTER_OTLP_ENDPOINT
  if (base === null || settings.OTEL_SDK_DISABLED) return new Map()
  const chosen: Record<Signal, string> = {
    traces: settings.OTEL_TRACES_EXPORTER,
    metrics: settings.OTEL_METRICS_EXPORTER,
    logs: settings.OTEL_LOGS_EXPORTER
  }
  return new Map(
    (["traces", "metrics", "logs"] as const)
      .filter((signal) => chosen[signal] === "otlp")
      .map((signal) => [signal, `${base}/v1/${signal}`])
  )
}

export const layerTelemetry = (settings: Settings): Layer.Layer<never> => {
  const urls = exportsOf(settings)
  if (urls.size === 0) return Layer.empty
  const shared = {
    resource: {
      serviceName: settings.OTEL_SERVICE_NAME,
      serviceVersion: VERSION,
      attributes: {
        // Several processes of one service report the same metrics: without it they would be taken for one.
        "service.instance.id": randomUUID(),
        "host.name": hostname(),
        "process.pid": process.pid,
        ...settings.OTEL_RESOURCE_ATTRIBUTES
      }
    },
    headers:
      settings.OTEL_EXPORTER_OTLP_HEADERS === null
        ? undefined
        : pairsOf(Redacted.value(settings.OTEL_EXPORTER_OTLP_HEADERS)),
    compression: settings.OTEL_EXPORTER_OTLP_COMPRESSION,
    shutdownTimeout: SHUTDOWN_TIMEOUT
  }
  const [traces, metrics, logs] = [urls.get("traces"), urls.get("metrics"), urls.get("logs")]
  return Layer.mergeAll(
    traces === undefined
      ? Layer.empty
      : layerTraces(
          { ...shared, url: traces },
          {
            ratio: ratioOf(settings),
            content: settings.SPILLWAY_TRACE_CONTENT
          }
        ),
    metrics === undefined
      ? Layer.empty
      : OtlpMetrics.layer({
          ...shared,
          url: metrics,
          exportInterval: settings.OTEL_METRIC_EXPORT_INTERVAL
        }),
    logs === undefined ? Layer.empty : OtlpLogger.layer({ ...shared, url: logs, mergeWithExisting: true })
  ).pipe(
    Layer.provide(layerSerialization(settings)),
    Layer.provide(layerExportClient(settings.OTEL_EXPORTER_OTLP_TIMEOUT)),
    // All that is set was read and found usable already; Effect's own reading of the environment would die of what is not.
    Layer.provide(ConfigProvider.layer(ConfigProvider.fromUnknown({})))
  )
}

const layerTraces = (options: Parameters<typeof OtlpTracer.make>[0], tracing: TracingSettingsValue) =>
  Layer.mergeAll(
    Layer.effect(
      Tracer.Tracer,
      Effect.map(OtlpTracer.make(options), (tracer) => sampled(tracer, tracing.ratio))
    ),
    Layer.succeed(TracingSettings, tracing),
    Layer.succeed(HttpMiddleware.TracerDisabledWhen, ({ url }) => /^\/(health\/|metrics\b)/.test(url)),
    // What somebody searches for is content.
    Layer.succeed(UrlParams.CurrentRedactedNames, [
      ...UrlParams.CurrentRedactedNames.defaultValue(),
      "q",
      "token"
    ])
  ).pipe(Layer.provide(OtlpExporter.layerFlusher))

/** Errors and log messages may repeat a secret, so they leave as the log does: with secrets taken out. */
const layerSerialization = (settings: Settings): Layer.Layer<OtlpSerialization.OtlpSerialization> => {
  const redact = redactor(settings)
  return Layer.effect(
    OtlpSerialization.OtlpSerialization,
    Effect.map(OtlpSerialization.OtlpSerialization, (encode) => ({
      ...encode,
      logs: (data) => encode.logs(plain(data, redact) as typeof data),
      traces: (data) =>
        encode.traces({
          resourceSpans: data.resourceSpans.map((resource) => ({
            ...resource,
            scopeSpans: resource.scopeSpans.map((scope) => ({
              ...scope,
              spans: scope.spans.map((span) =>
                span.events.length === 0 && span.status.message === undefined
                  ? span
                  : {
                      ...span,
                      events: plain(span.events, redact) as typeof span.events,
                      status: plain(span.status, redact) as typeof span.status
                    }
              )
            }))
          }))
        })
    }))
  ).pipe(
    Layer.provide(
      settings.OTEL_EXPORTER_OTLP_PROTOCOL === "http/json"
        ? OtlpSerialization.layerJson
        : OtlpSerialization.layerProtobuf
    )
  )
}
