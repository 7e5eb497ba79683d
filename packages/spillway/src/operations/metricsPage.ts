/** `/metrics`: everything that this process counts, in the text format of Prometheus. */
import { Effect } from "effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { PrometheusMetrics } from "effect/observability"

export const metricsPage: Effect.Effect<HttpServerResponse.HttpServerResponse> = Effect.map(
  PrometheusMetrics.format(),
  (text) =>
    HttpServerResponse.text(text, {
      contentType: "text/plain; version=0.0.4; charset=utf-8"
    })
)
