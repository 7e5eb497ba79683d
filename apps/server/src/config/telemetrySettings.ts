/** The variables of the export to an OpenTelemetry collector: the standard ones, under their standard names, and two of ours. */
import { Schema } from "effect"
import { HttpUrl, Milliseconds, Pairs, PairsText, Ratio, Switch, Text } from "./texts.ts"
import { optional, secret, withDefault } from "./Setting.ts"

const milliseconds = "a whole number of milliseconds, from 1 to 3600000"

const exporter = (of: string) =>
  withDefault(Schema.Literals(["otlp", "none"]), "otlp", {
    about: `Whether ${of} are exported, once an endpoint is set.`,
    must: "otlp or none",
    example: "none"
  })

export const samplers = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio"
] as const

export const telemetry = {
  SPILLWAY_OTLP_ENDPOINT: optional(HttpUrl, {
    about:
      "An OpenTelemetry collector that takes OTLP over HTTP; /v1/traces, /v1/metrics and /v1/logs are added. Goes before OTEL_EXPORTER_OTLP_ENDPOINT.",
    must: "an http address, such as http://127.0.0.1:4318",
    example: "http://127.0.0.1:4318",
    otherwise: "nothing is exported"
  }),
  SPILLWAY_TRACE_CONTENT: withDefault(Switch, "false", {
    about:
      "Whether traces hold what was said: prompts, answers, tools' arguments and results. Whoever reads the traces then reads the threads.",
    must: "true or false",
    example: "true"
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(HttpUrl, {
    about: "The same as SPILLWAY_OTLP_ENDPOINT, under its standard name.",
    must: "an http address, such as http://127.0.0.1:4318",
    example: "http://127.0.0.1:4318",
    otherwise: "nothing is exported"
  }),
  OTEL_EXPORTER_OTLP_HEADERS: secret(
    {
      about: "Sent with each export, as name=value pairs separated by commas.",
      must: "name=value pairs, separated by commas and percent-encoded",
      example: "authorization=Bearer%20secret"
    },
    PairsText
  ),
  OTEL_EXPORTER_OTLP_PROTOCOL: withDefault(Schema.Literals(["http/protobuf", "http/json"]), "http/protobuf", {
    about: "How exports are encoded.",
    must: "http/protobuf or http/json (gRPC is not spoken; a collector's HTTP port is 4318)",
    example: "http/json"
  }),
  OTEL_EXPORTER_OTLP_COMPRESSION: withDefault(Schema.Literals(["gzip", "none"]), "none", {
    about: "Whether exports are compressed.",
    must: "gzip or none",
    example: "gzip"
  }),
  OTEL_EXPORTER_OTLP_TIMEOUT: withDefault(Milliseconds, "10000", {
    about:
      "How long an export may take, in milliseconds; what is left at the server's end may take 3 s at most.",
    must: milliseconds,
    example: "5000"
  }),
  OTEL_METRIC_EXPORT_INTERVAL: withDefault(Milliseconds, "60000", {
    about: "Milliseconds from one export of the metrics to the next.",
    must: milliseconds,
    example: "15000"
  }),
  OTEL_TRACES_EXPORTER: exporter("traces"),
  OTEL_METRICS_EXPORTER: exporter("metrics"),
  OTEL_LOGS_EXPORTER: exporter("logs"),
  OTEL_TRACES_SAMPLER: withDefault(Schema.Literals(samplers), "parentbased_always_on", {
    about:
      "Which traces are exported. Those that begin with parentbased_ leave it to the caller where a request brings a trace along.",
    must: `one of ${samplers.join(", ")}`,
    example: "parentbased_traceidratio"
  }),
  OTEL_TRACES_SAMPLER_ARG: withDefault(Ratio, "1", {
    about: "The share of traces, for the samplers that end with traceidratio.",
    must: "a number from 0 to 1",
    example: "0.1"
  }),
  OTEL_SERVICE_NAME: withDefault(Text, "spillway", {
    about: "The name of the service in traces, metrics and logs.",
    must: "a text",
    example: "spillway-staging"
  }),
  OTEL_RESOURCE_ATTRIBUTES: withDefault(Pairs, "", {
    about: "What else describes this service, as name=value pairs separated by commas.",
    must: "name=value pairs, separated by commas and percent-encoded",
    example: "deployment.environment=staging,service.instance.id=a"
  }),
  OTEL_SDK_DISABLED: withDefault(Switch, "false", {
    about: "Exports nothing, whatever else is set.",
    must: "true or false",
    example: "true"
  })
}
