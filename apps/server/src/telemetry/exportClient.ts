/**
 * The HTTP client of the exporters. A collector that is away, slow or stuck must cost the server nothing but the telemetry itself: each
 * export ends within its timeout, only so many run at a time, and what fails is told in the log once a minute.
 *
 * An exporter keeps what it has not sent in memory, tries three times and then drops everything for a minute; with both limits that is
 * bounded whatever the collector does.
 */
import { Clock, Duration, Effect, Layer } from "effect"
import { FetchHttpClient, HttpClient, HttpClientError, type HttpClientRequest } from "effect/http"

/** Exports under way at a time, over all signals. */
const MOST_AT_A_TIME = 8

/** Between two warnings about one signal. */
const QUIET = Duration.toMillis("1 minute")

/** @param timeout of one export, in milliseconds. */
export const layerExportClient = (timeout: number): Layer.Layer<HttpClient.HttpClient> =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.map(HttpClient.HttpClient, (client) => {
      let underWay = 0
      const told = new Map<string, number>()
      const tell = Effect.fnUntraced(function* (url: string, why: string) {
        const now = yield* Clock.currentTimeMillis
        if (now - (told.get(url) ?? Number.NEGATIVE_INFINITY) < QUIET) return
        told.set(url, now)
        yield* Effect.logWarning("Telemetry can't be exported and is dropped until it can", {
          endpoint: url,
          because: why
        })
      })
      return client.pipe(
        HttpClient.transform((sending, request) =>
          Effect.suspend(() => {
            if (underWay >= MOST_AT_A_TIME)
              return Effect.fail(failure(request, "too many exports are under way"))
            underWay += 1
            return sending.pipe(
              // Its end is a part of the answer: a body may never come.
              Effect.tap((response) => response.arrayBuffer),
              Effect.timeoutOrElse({
                duration: timeout,
                orElse: () => Effect.fail(failure(request, `no answer within ${timeout} ms`))
              }),
              Effect.ensuring(Effect.sync(() => (underWay -= 1)))
            )
          }).pipe(
            Effect.tap(({ status }) =>
              status >= 400 ? tell(request.url, `the answer was ${status}`) : Effect.void
            ),
            Effect.tapError((error) => tell(request.url, reasonOf(error)))
          )
        )
      )
    })
  ).pipe(Layer.provide(FetchHttpClient.layer))

const failure = (request: HttpClientRequest.HttpClientRequest, description: string) =>
  new HttpClientError.HttpClientError({
    reason: new HttpClientError.TransportError({ request, description })
  })

/** What lies deepest: `fetch failed` says nothing, `connect ECONNREFUSED 127.0.0.1:4318` does. */
const reasonOf = (error: HttpClientError.HttpClientError): string => {
  if (error.reason._tag === "TransportError" && error.reason.description !== undefined) {
    return error.reason.description
  }
  let deepest: unknown = error
  while (deepest instanceof Error && deepest.cause !== undefined) deepest = deepest.cause
  return deepest instanceof Error ? deepest.message || String(deepest) : String(deepest)
}
