/**
 * Every HTTP request that is no websocket: from the door to its answer, which is there whatever happens. Pages of foreign origins are
 * turned away first; an address that is none, a method that it does not take and whatever goes wrong are problems like any other.
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import {
  type Problem,
  ServiceUnavailable,
  SpillwayHttpApi,
  UpgradeRequired
} from "@spillway/contracts/http-api"
import { Cause, Effect, Latch, Layer } from "effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerRespondable from "effect/http/HttpServerRespondable"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { HttpApiBuilder } from "effect/http-api"
import type { DoorSettings } from "../../SpillwaySettings.ts"
import { WEBSOCKET_PATH } from "../websocket/path.ts"
import { methodsOf } from "./addresses.ts"
import { layerAuthorization } from "./authorization.ts"
import { layerCommands } from "./commands.ts"
import { isPreflight, pageHeaders, preflightHeaders, refusedOrigin } from "./crossOrigin.ts"
import { pathOf, problemOf } from "./failure.ts"
import { layerLog } from "./log.ts"
import { layerSearch } from "./search.ts"
import { layerServer } from "./server.ts"
import { layerThreads } from "./threads.ts"

/** How long requests that are under way may still take when the server stops. Milliseconds. */
const DRAIN_TIMEOUT = 5_000

/** Addresses are matched as they are written. How long an id may be, the contract says. */
const routing = {
  caseSensitive: true,
  ignoreTrailingSlash: false,
  ignoreDuplicateSlashes: false,
  maxParamLength: Number.MAX_SAFE_INTEGER
}

const layerRoutes = (settings: DoorSettings) =>
  HttpApiBuilder.layer(SpillwayHttpApi).pipe(
    Layer.provide([layerCommands, layerThreads, layerSearch, layerLog, layerServer(settings)]),
    Layer.provide([layerAuthorization(settings), NodeHttpServer.layerHttpServices])
  )

export const makeRequests = Effect.fnUntraced(function* (settings: DoorSettings) {
  const routed = yield* HttpRouter.toHttpEffect(layerRoutes(settings)).pipe(
    Effect.provideService(HttpRouter.RouterConfig, routing)
  )
  const idle = yield* Latch.make(true)
  let underWay = 0
  let closing = false

  const admitted = Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    if (closing) return HttpServerResponse.setHeader(yield* respond(stopping), "connection", "close")
    if (pathOf(request) === WEBSOCKET_PATH) return yield* respond(upgradeRequired)
    const methods = methodsOf(pathOf(request))
    if (request.method === "OPTIONS" && methods !== undefined) return optionsOf(request, methods)
    return yield* routed
  })

  const requests = Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const refused = refusedOrigin(settings, request.headers)
    underWay += 1
    idle.closeUnsafe()
    const response = yield* (refused === undefined ? admitted : respond(refused)).pipe(
      Effect.catchCause((cause) =>
        Cause.hasInterruptsOnly(cause)
          ? Effect.failCause(cause as Cause.Cause<never>)
          : Effect.flatMap(problemOf(cause, request), respond)
      ),
      Effect.ensuring(
        Effect.sync(() => {
          underWay -= 1
          if (underWay === 0) idle.openUnsafe()
        })
      )
    )
    return complete(request, response, refused === undefined ? pageHeaders(request.headers) : {})
  })

  /** Takes no more, and returns once what is under way is answered. */
  const shutDown = Effect.suspend(() => {
    closing = true
    return idle.await
  }).pipe(Effect.timeout(DRAIN_TIMEOUT), Effect.ignore)

  return { requests, shutDown }
})

const respond = (problem: Problem): Effect.Effect<HttpServerResponse.HttpServerResponse> =>
  HttpServerRespondable.toResponse(problem)

const optionsOf = (request: HttpServerRequest.HttpServerRequest, methods: ReadonlyArray<string>) =>
  HttpServerResponse.empty({
    status: 204,
    headers: isPreflight(request.method, request.headers)
      ? preflightHeaders(methods)
      : { allow: methods.join(", ") }
  })

/** What every answer says beside its own. */
const complete = (
  request: HttpServerRequest.HttpServerRequest,
  response: HttpServerResponse.HttpServerResponse,
  forPages: Record<string, string>
) =>
  HttpServerResponse.setHeaders(response, {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...forPages,
    ...byStatus(request, response.status),
    ...response.headers
  })

const byStatus = (request: HttpServerRequest.HttpServerRequest, status: number): Record<string, string> => {
  switch (status) {
    case 401:
      return { "www-authenticate": 'Bearer realm="spillway"' }
    // What the client still has to send is not waited for.
    case 408:
    case 413:
      return { connection: "close" }
    case 405:
      return { allow: (methodsOf(pathOf(request)) ?? []).join(", ") }
    case 426:
      return { upgrade: "websocket" }
    case 503:
      return { "retry-after": "1" }
    default:
      return {}
  }
}

const stopping = new ServiceUnavailable({
  code: "unavailable",
  detail: "The server stops: send the same request again in a moment.",
  retryable: true
})

const upgradeRequired = new UpgradeRequired({
  code: "upgrade-required",
  detail: "This is a websocket: connect to it with the protocol spillway.v1.",
  retryable: false
})
