/** What a read is answered with that can't be done. */
import type { ThreadId } from "@spillway/contracts"
import {
  BadRequest,
  Conflict,
  NotFound,
  ServiceUnavailable,
  UnprocessableContent
} from "@spillway/contracts/http-api"
import type { SearchTooSlow, Unavailable } from "@spillway/orchestration"
import { Effect } from "effect"
import type { StreamsFull } from "../sse/EventStreams.ts"
import type { StreamRefused } from "../sse/streamRequest.ts"
import { atCapacity } from "./capacity.ts"

const because = (detail: string) => new ServiceUnavailable({ code: "unavailable", detail, retryable: true })

/** The database can't be read. */
export const unavailable = because(
  "The database can't be reached right now: send the same request again in a moment."
)

export const orUnavailable = <A, R>(read: Effect.Effect<A, Unavailable, R>) =>
  Effect.mapError(read, () => unavailable)

export const behind = because(
  "The read models do not hold what was committed last yet: send the same request again in a moment, and see /health/ready."
)

export const standingStill = because(
  "A read model stands still, so that this would be out of date: /health/ready tells why. Events can be read."
)

export const searchProblem = (error: SearchTooSlow | Unavailable) => {
  const { message: detail } = error
  return error._tag === "SearchTooSlow"
    ? new UnprocessableContent({ code: "search-too-slow", detail, retryable: false })
    : because(detail)
}

/** Of events, as a page or as a stream. */
export const eventsProblem = (error: StreamRefused | StreamsFull | Unavailable) => {
  if (error._tag === "Unavailable") return unavailable
  if (error._tag === "StreamsFull") return atCapacity(error.message)
  const { code, message: detail } = error
  switch (code) {
    case "request-invalid":
      return new BadRequest({ code, detail, retryable: false })
    case "thread-not-found":
      return new NotFound({ code, detail, retryable: false })
    case "cursor-invalid":
      return new Conflict({ code, detail, retryable: false })
  }
}

export const threadNotFound = (threadId: ThreadId) =>
  new NotFound({
    code: "thread-not-found",
    detail: `There is no thread ${threadId}: create it with thread.create.`,
    retryable: false
  })
