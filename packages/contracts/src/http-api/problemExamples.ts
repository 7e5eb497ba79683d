/** A problem of each status, as somebody would meet it, and the headers that come with it. */
import { Schema } from "effect"
import { CommandId, ThreadId } from "../Ids.ts"
import type { Rejected } from "../Receipt.ts"
import * as Problem from "./Problem.ts"

const said = { retryable: false }

const rejected = (rejection: (typeof Rejected.Type)["rejection"]): typeof Rejected.Type => ({
  status: "rejected",
  commandId: CommandId.make("c2"),
  threadId: ThreadId.make("t1"),
  rejection
})

const problems: ReadonlyArray<Problem.Problem> = [
  new Problem.BadRequest({
    ...said,
    code: "request-invalid",
    detail: "`limit` must be a whole number from 1 to 200."
  }),
  new Problem.Unauthorized({
    ...said,
    code: "unauthorized",
    detail:
      "The token is missing or wrong: send the server's SPILLWAY_TOKEN in the header `Authorization: Bearer …`."
  }),
  new Problem.Forbidden({
    ...said,
    code: "origin-not-allowed",
    detail:
      "Pages of https://example.com may not call this server: add the origin to SPILLWAY_ALLOWED_ORIGINS if they should."
  }),
  new Problem.NotFound({
    ...said,
    code: "thread-not-found",
    detail: "There is no thread t1: create it with the command thread.create."
  }),
  new Problem.RequestTimeout({
    code: "request-too-slow",
    retryable: true,
    detail: "The body did not come within 30 seconds: send the request again."
  }),
  Problem.rejectionProblem(
    rejected({
      _tag: "TurnAlreadyActive",
      message: "Turn u1 is active: wait for its end, interrupt it, or start with another `ifBusy`."
    })
  ),
  Problem.rejectionProblem(rejected({ _tag: "ThreadDeleted", message: "Thread t1 was deleted." })),
  new Problem.ContentTooLarge({
    ...said,
    code: "body-too-large",
    detail: "The body is larger than 1048576 bytes: send less, or split the text over several messages."
  }),
  new Problem.UnsupportedMediaType({
    ...said,
    code: "unsupported-media-type",
    detail: "The body is no JSON: send JSON, with `Content-Type: application/json`."
  }),
  Problem.rejectionProblem(
    rejected({
      _tag: "ResponseDoesNotFit",
      message: "Request r1 asks for an approval: answer with approve or deny."
    })
  ),
  new Problem.InternalServerError({
    ...said,
    code: "internal",
    detail: "The server failed on this request; its log tells why."
  }),
  new Problem.ServiceUnavailable({
    code: "unavailable",
    retryable: true,
    detail: "The database can't be reached right now: send the same request again in a moment."
  })
]

const encode = Schema.encodeSync(Problem.Problem)

/** By status. */
export const problemExamples: ReadonlyMap<number, unknown> = new Map(
  problems.map((problem) => [problem.status, encode(problem)])
)

/** By status. */
export const problemHeaders: ReadonlyMap<number, Record<string, unknown>> = new Map([
  [
    401,
    {
      "www-authenticate": {
        description: "How to send the token.",
        schema: { type: "string" },
        required: true
      }
    }
  ],
  [
    503,
    {
      "retry-after": {
        description: "Seconds after which to try again.",
        schema: { type: "integer" },
        required: true
      }
    }
  ]
])
