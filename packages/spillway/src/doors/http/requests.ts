/** What answers HTTP requests, by their path. */
import { Effect } from "effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { eventStream } from "./eventStream.ts"
import { live, ready } from "../../operations/health.ts"
import { WEBSOCKET_PATH } from "../websocket/path.ts"

/** Every HTTP request that is no websocket. */
export const requests = Effect.gen(function* () {
  const request = yield* HttpServerRequest.HttpServerRequest
  const path = request.url.split("?")[0]
  if (request.method !== "GET" && request.method !== "HEAD") return notFound
  if (path === "/health/live") return yield* live
  if (path === "/health/ready") return yield* ready
  if (path === WEBSOCKET_PATH) return upgradeRequired
  return (yield* eventStream(request)) ?? notFound
})

const notFound = HttpServerResponse.jsonUnsafe(
  {
    code: "not-found",
    message: `There is nothing here: the websocket is at ${WEBSOCKET_PATH}, the health checks at /health/live and /health/ready.`
  },
  { status: 404 }
)

const upgradeRequired = HttpServerResponse.jsonUnsafe(
  { code: "upgrade-required", message: "This is a websocket: connect to it with the protocol spillway.v1." },
  { status: 426, headers: { upgrade: "websocket" } }
)
