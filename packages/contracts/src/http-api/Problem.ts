/**
 * What an HTTP answer says when it is no success: problem details (RFC 9457), one class for each status. `code` is what a program
 * switches on: the same codes as on the websocket, the tags of rejections, and a few that only HTTP has. `detail` is a sentence for a
 * person that says what to do. `retryable`: the same request may succeed in a moment.
 */
import { Schema } from "effect"
import { HttpApiError } from "effect/http-api"
import type { ErrorCode } from "../Protocol.ts"
import { Rejected } from "../Receipt.ts"
import { RejectionTag } from "../Rejection.ts"

/** Of every door. */
const doorCodes = [
  "unauthorized",
  "command-invalid",
  "text-too-long",
  "thread-not-found",
  "cursor-invalid",
  "unavailable",
  "outcome-unknown",
  "internal"
] as const satisfies ReadonlyArray<ErrorCode>

export const ProblemCode = Schema.Literals([
  ...doorCodes,
  "request-invalid",
  "origin-not-allowed",
  "host-not-allowed",
  "not-found",
  "method-not-allowed",
  "request-too-slow",
  "headers-too-large",
  "body-too-large",
  "unsupported-media-type",
  "search-too-slow",
  "upgrade-required",
  "at-capacity"
])
export type ProblemCode = typeof ProblemCode.Type

/** Every problem says these. */
const said = <const C extends ReadonlyArray<ProblemCode | RejectionTag>>(codes: C) => ({
  detail: Schema.String,
  code: Schema.Literals(codes),
  retryable: Schema.Boolean
})

/** A command's refusal is remembered under its id: sending it again gets the same one. */
const receipt = { receipt: Schema.optionalKey(Rejected) }

/** `about:blank`: the title says no more than the status does, `code` says which problem it is. */
const about = <const S extends number>(status: S, title: string) =>
  ({ type: "about:blank", status, title }) as const

export class BadRequest extends HttpApiError.Problem<BadRequest>()(
  "BadRequest",
  about(400, "Bad Request"),
  said(["request-invalid", "command-invalid"])
) {}

export class Unauthorized extends HttpApiError.Problem<Unauthorized>()(
  "Unauthorized",
  about(401, "Unauthorized"),
  said(["unauthorized"])
) {}

export class Forbidden extends HttpApiError.Problem<Forbidden>()(
  "Forbidden",
  about(403, "Forbidden"),
  said(["origin-not-allowed", "host-not-allowed"])
) {}

export class NotFound extends HttpApiError.Problem<NotFound>()("NotFound", about(404, "Not Found"), {
  ...said(["not-found", "thread-not-found", "ThreadNotFound", "TurnNotFound", "RequestNotFound"]),
  ...receipt
}) {}

export class MethodNotAllowed extends HttpApiError.Problem<MethodNotAllowed>()(
  "MethodNotAllowed",
  about(405, "Method Not Allowed"),
  said(["method-not-allowed"])
) {}

export class RequestTimeout extends HttpApiError.Problem<RequestTimeout>()(
  "RequestTimeout",
  about(408, "Request Timeout"),
  said(["request-too-slow"])
) {}

export class Conflict extends HttpApiError.Problem<Conflict>()("Conflict", about(409, "Conflict"), {
  ...said([
    "cursor-invalid",
    "ThreadAlreadyExists",
    "ThreadArchived",
    "ThreadNotArchived",
    "TurnAlreadyExists",
    "TurnAlreadyActive",
    "TurnNotActive",
    "TurnNotRetryable",
    "MessageAlreadyExists",
    "RequestAlreadyResolved",
    "RequestWithdrawn",
    "CommandIdConflict"
  ]),
  ...receipt
}) {}

export class Gone extends HttpApiError.Problem<Gone>()("Gone", about(410, "Gone"), {
  ...said(["ThreadDeleted"]),
  ...receipt
}) {}

export class ContentTooLarge extends HttpApiError.Problem<ContentTooLarge>()(
  "ContentTooLarge",
  about(413, "Content Too Large"),
  { ...said(["body-too-large", "text-too-long", "CommandTooLarge"]), ...receipt }
) {}

export class UnsupportedMediaType extends HttpApiError.Problem<UnsupportedMediaType>()(
  "UnsupportedMediaType",
  about(415, "Unsupported Media Type"),
  said(["unsupported-media-type"])
) {}

export class UnprocessableContent extends HttpApiError.Problem<UnprocessableContent>()(
  "UnprocessableContent",
  about(422, "Unprocessable Content"),
  { ...said(["ResponseDoesNotFit", "search-too-slow"]), ...receipt }
) {}

export class UpgradeRequired extends HttpApiError.Problem<UpgradeRequired>()(
  "UpgradeRequired",
  about(426, "Upgrade Required"),
  said(["upgrade-required"])
) {}

export class RequestHeaderFieldsTooLarge extends HttpApiError.Problem<RequestHeaderFieldsTooLarge>()(
  "RequestHeaderFieldsTooLarge",
  about(431, "Request Header Fields Too Large"),
  said(["headers-too-large"])
) {}

export class InternalServerError extends HttpApiError.Problem<InternalServerError>()(
  "InternalServerError",
  about(500, "Internal Server Error"),
  said(["internal"])
) {}

/** Comes with `Retry-After`. */
export class ServiceUnavailable extends HttpApiError.Problem<ServiceUnavailable>()(
  "ServiceUnavailable",
  about(503, "Service Unavailable"),
  said(["unavailable", "outcome-unknown", "at-capacity"])
) {}

/** What every endpoint may answer. */
export const anyProblem = [BadRequest, Forbidden, InternalServerError, ServiceUnavailable] as const

export const Problem = Schema.Union([
  BadRequest,
  Unauthorized,
  Forbidden,
  NotFound,
  MethodNotAllowed,
  RequestTimeout,
  Conflict,
  Gone,
  ContentTooLarge,
  UnsupportedMediaType,
  UnprocessableContent,
  UpgradeRequired,
  RequestHeaderFieldsTooLarge,
  InternalServerError,
  ServiceUnavailable
])
export type Problem = typeof Problem.Type

/** What a refused command is answered with. */
export const rejectionProblem = (
  receipt: typeof Rejected.Type
): NotFound | Conflict | Gone | ContentTooLarge | UnprocessableContent | InternalServerError => {
  const { _tag: code, message: detail } = receipt.rejection
  const more = { detail, retryable: false, receipt }
  switch (code) {
    case "ThreadNotFound":
    case "TurnNotFound":
    case "RequestNotFound":
      return new NotFound({ code, ...more })
    case "ThreadDeleted":
      return new Gone({ code, ...more })
    case "CommandTooLarge":
      return new ContentTooLarge({ code, ...more })
    case "ResponseDoesNotFit":
      return new UnprocessableContent({ code, ...more })
    case "ThreadAlreadyExists":
    case "ThreadArchived":
    case "ThreadNotArchived":
    case "TurnAlreadyExists":
    case "TurnAlreadyActive":
    case "TurnNotActive":
    case "TurnNotRetryable":
    case "MessageAlreadyExists":
    case "RequestAlreadyResolved":
    case "RequestWithdrawn":
    case "CommandIdConflict":
      return new Conflict({ code, ...more })
    // These answer runtime commands; one here is a bug of ours.
    case "SessionNotOpen":
    case "SessionAlreadyOpen":
    case "TurnParked":
    case "StepNotOpen":
    case "StepAlreadyOpen":
    case "StepOutOfOrder":
    case "SteeringNotPending":
    case "MessageNotOpen":
    case "MessageAlreadyOpen":
    case "OffsetMismatch":
    case "PartMismatch":
    case "ToolCallNotOpen":
    case "ToolCallAlreadyExists":
    case "RequestAlreadyExists":
      return new InternalServerError({
        code: "internal",
        detail: `The server refused this command as ${code}, which is meant for runtimes; its log tells why.`,
        retryable: false
      })
  }
}
