/** What went wrong on the way to an answer, as the problem that tells of it. No SQL and no stack leaves the server. */
import {
  BadRequest,
  InternalServerError,
  MethodNotAllowed,
  NotFound,
  type Problem
} from "@spillway/contracts/http-api"
import { Cause, Effect } from "effect"
import * as HttpServerError from "effect/http/HttpServerError"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import { HttpApiError } from "effect/http-api"
import { describeIssue } from "../describeIssue.ts"
import { WEBSOCKET_PATH } from "../websocket/path.ts"
import { methodsOf } from "./addresses.ts"

/** Errors that the contract knows are answers already; this is the rest. */
export const problemOf = (
  cause: Cause.Cause<unknown>,
  request: HttpServerRequest.HttpServerRequest
): Effect.Effect<Problem> => {
  const error = Cause.squash(cause)
  if (
    HttpApiError.HttpApiSchemaError.is(error) &&
    error.kind !== "Body" &&
    error.kind !== "ResponseHeaders"
  ) {
    return Effect.succeed(invalid(describeIssue(error.cause.issue, "The request")))
  }
  if (HttpServerError.isHttpServerError(error) && error.reason._tag === "RouteNotFound") {
    return Effect.succeed(noRoute(request))
  }
  return Effect.as(
    Effect.annotateLogs(Effect.logError("A request failed", cause), {
      method: request.method,
      path: pathOf(request)
    }),
    internal
  )
}

/** Without the query, still encoded. */
export const pathOf = (request: HttpServerRequest.HttpServerRequest): string => request.url.split("?")[0]!

const noRoute = (request: HttpServerRequest.HttpServerRequest): Problem => {
  const path = pathOf(request)
  if (!isDecodable(path)) {
    return invalid("The address has a % that begins no percent-encoded character: encode it as %25.")
  }
  const methods = methodsOf(path)
  return methods === undefined
    ? notFound
    : new MethodNotAllowed({
        code: "method-not-allowed",
        detail: `This address does not take ${request.method}: use ${methods[0]}.`,
        retryable: false
      })
}

const isDecodable = (path: string): boolean => {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

const invalid = (detail: string) => new BadRequest({ code: "request-invalid", detail, retryable: false })

const notFound = new NotFound({
  code: "not-found",
  detail: `There is nothing here: /docs tells what there is, and the websocket is at ${WEBSOCKET_PATH}.`,
  retryable: false
})

const internal = new InternalServerError({
  code: "internal",
  detail: "The server failed on this request; its log tells why.",
  retryable: false
})
