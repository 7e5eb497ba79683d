/** An OpenTelemetry collector on loopback for tests, and a process that sends its traces there. */
import { Effect, Layer } from "effect"
import { listening } from "@spillway/orchestration/testing"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as OtlpSerialization from "effect/observability/OtlpSerialization"
import * as OtlpTracer from "effect/observability/OtlpTracer"
import { createServer } from "node:http"

/** A span as it came over the wire. */
export interface CollectedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly events: ReadonlyArray<string>
  readonly links: ReadonlyArray<{ readonly traceId: string; readonly spanId: string }>
  readonly status: { readonly code: number; readonly message?: string }
}

interface TraceData {
  readonly resourceSpans: ReadonlyArray<{
    readonly scopeSpans: ReadonlyArray<{
      readonly spans: ReadonlyArray<
        Omit<CollectedSpan, "attributes" | "events"> & {
          readonly attributes: ReadonlyArray<KeyValue>
          readonly events: ReadonlyArray<{ readonly name: string }>
        }
      >
    }>
  }>
}

interface KeyValue {
  readonly key: string
  readonly value: AnyValue
}

type AnyValue =
  | { readonly arrayValue: { readonly values: ReadonlyArray<AnyValue> } }
  | Readonly<Record<"stringValue" | "intValue" | "doubleValue" | "boolValue", unknown>>

/** A collector that keeps what it is sent, for as long as the scope is open. */
export const testCollector = Effect.gen(function* () {
  const spans: Array<CollectedSpan> = []
  const server = createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const data = JSON.parse(Buffer.concat(chunks).toString("utf8")) as TraceData
      for (const { scopeSpans } of data.resourceSpans) {
        for (const scope of scopeSpans) spans.push(...scope.spans.map(collected))
      }
      response.writeHead(200, { "content-type": "application/json" }).end("{}")
    })
  })
  const url = `${yield* listening(server)}/v1/traces`
  return {
    spans,
    /** Exports what is traced below it, the last of it when it closes. */
    layerTracer: OtlpTracer.layer({ url, resource: { serviceName: "test" } }).pipe(
      Layer.provide(OtlpSerialization.layerJson),
      Layer.provide(FetchHttpClient.layer),
      Layer.fresh
    )
  }
})

const collected = ({
  attributes,
  events,
  ...span
}: TraceData["resourceSpans"][number]["scopeSpans"][number]["spans"][number]): CollectedSpan => ({
  ...span,
  attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, valueOf(value)])),
  events: events.map(({ name }) => name)
})

const valueOf = (value: AnyValue): unknown =>
  "arrayValue" in value ? value.arrayValue.values.map(valueOf) : Object.values(value)[0]
