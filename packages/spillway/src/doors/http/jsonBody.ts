/**
 * A request's body as JSON. It costs at most FRAME_LIMIT bytes of memory and BODY_TIMEOUT of patience, whatever the client sends: one
 * that says that it is larger is turned away unread.
 */
import { FRAME_LIMIT } from "@spillway/contracts"
import {
  BadRequest,
  ContentTooLarge,
  RequestTimeout,
  UnsupportedMediaType
} from "@spillway/contracts/http-api"
import { Effect, Fiber } from "effect"
import * as ByteSize from "effect/ByteSize"
import * as HttpIncomingMessage from "effect/http/HttpIncomingMessage"
import type * as HttpServerError from "effect/http/HttpServerError"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import { isRecord } from "../decodeCommand.ts"

const BODY_TIMEOUT = "30 seconds"

/** An object of JSON. */
export const jsonBody = Effect.fnUntraced(function* (request: HttpServerRequest.HttpServerRequest) {
  const { headers } = request
  const type = headers["content-type"]
  if (type !== undefined && type.split(";")[0]!.trim().toLowerCase() !== "application/json") {
    return yield* unsupported(
      `The body is ${type.slice(0, 100)}: send JSON, with \`Content-Type: application/json\`.`
    )
  }
  const encoding = headers["content-encoding"]
  if (encoding !== undefined && encoding.toLowerCase() !== "identity") {
    return yield* unsupported("The body is compressed: send it as it is, without `Content-Encoding`.")
  }
  if (Number(headers["content-length"] ?? 0) > FRAME_LIMIT) return yield* tooLarge
  // Interrupted, it would take the connection with it, and the answer could not be heard. It ends with the connection.
  const reading = yield* Effect.forkDetach(
    Effect.provideService(request.arrayBuffer, HttpIncomingMessage.MaxBodySize, ByteSize.bytes(FRAME_LIMIT)),
    { startImmediately: true }
  )
  const bytes = yield* Fiber.join(reading).pipe(
    Effect.mapError(bodyProblem),
    Effect.timeoutOrElse({ duration: BODY_TIMEOUT, orElse: () => Effect.fail(tooSlow) })
  )
  const value = yield* Effect.try({ try: () => parse(bytes), catch: () => notJson })
  if (!isRecord(value)) return yield* notAnObject
  return value
})

const parse = (bytes: ArrayBuffer): unknown =>
  JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes))

const bodyProblem = ({ reason }: HttpServerError.HttpServerError) =>
  reason._tag === "RequestParseError" && reason.reason === "BodyTooLarge" ? tooLarge : brokenOff

const unsupported = (detail: string) =>
  new UnsupportedMediaType({ code: "unsupported-media-type", detail, retryable: false })

const tooLarge = new ContentTooLarge({
  code: "body-too-large",
  detail: `The body is larger than ${FRAME_LIMIT} bytes: send less, or split the text over several messages.`,
  retryable: false
})

const tooSlow = new RequestTimeout({
  code: "request-too-slow",
  detail: `The body did not come within ${BODY_TIMEOUT}: send the request again.`,
  retryable: true
})

const invalid = (detail: string) => new BadRequest({ code: "request-invalid", detail, retryable: false })

const brokenOff = invalid("The body broke off: send the request again.")

const notJson = invalid("The body is not JSON in UTF-8: send one JSON object.")

const notAnObject = invalid("The body is not an object: send the command as one JSON object with a `type`.")
