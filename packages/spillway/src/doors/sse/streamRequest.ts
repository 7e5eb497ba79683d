/** From a request for an event stream to its answer. */
import type { TenantId, ThreadId } from "@spillway/contracts"
import { Effect, Schema } from "effect"
import { type Cursor, type Followed, followLog, followThread } from "../following/sources.ts"
import { EventStreams } from "./EventStreams.ts"

/** There will be no stream; an answer of its own says so before one begins. `cursor-invalid`: begin afresh. */
export class StreamRefused extends Schema.TaggedError<StreamRefused>("spillway/doors/StreamRefused")(
  "StreamRefused",
  {
    code: Schema.Literals(["request-invalid", "thread-not-found", "cursor-invalid"]),
    message: Schema.String
  }
) {}

export interface StreamRequest {
  /** Where to begin; absent: at the first event. */
  readonly after?: number | "tail" | undefined
  /** The log that `after`, or `lastEventId`, is of. */
  readonly logId?: string | undefined
  /** The `Last-Event-ID` header: what a browser saw last. It goes before `after`, which stays in its address for ever. */
  readonly lastEventId?: string | undefined
}

/** The events of a thread; `live` adds text that is not in the log yet. */
export const streamThread = Effect.fn("EventStreams.thread")(function* (
  tenant: TenantId,
  threadId: ThreadId,
  request: StreamRequest & { readonly live?: boolean | undefined }
) {
  return yield* stream(yield* followThread(tenant, threadId, request.live ?? false), request)
})

/** The events of the whole log. */
export const streamLog = Effect.fn("EventStreams.log")(function* (request: StreamRequest) {
  return yield* stream(yield* followLog, request)
})

const stream = Effect.fnUntraced(function* (followed: Followed, request: StreamRequest) {
  const streams = yield* EventStreams
  return yield* streams.open(followed, yield* placeOf(followed, yield* cursorOf(request)))
})

/** Where a client's cursor stands in what it reads, as a page or as a stream. */
export const placeOf = Effect.fnUntraced(function* (followed: Followed, cursor: Cursor) {
  const located = yield* followed.locate(cursor)
  switch (located.type) {
    case "absent":
      return yield* new StreamRefused({ code: "thread-not-found", message: located.message })
    case "invalid":
      return yield* new StreamRefused({
        code: "cursor-invalid",
        message: `${located.message} Begin again without a cursor.`
      })
    case "at":
      return located
  }
})

const cursorOf = ({ after, lastEventId, logId }: StreamRequest): Effect.Effect<Cursor, StreamRefused> => {
  if (lastEventId === undefined || lastEventId === "") {
    return Effect.succeed(after === "tail" ? after : { after: after ?? 0, logId })
  }
  return /^\d{1,15}$/.test(lastEventId)
    ? Effect.succeed({ after: Number(lastEventId), logId })
    : Effect.fail(
        new StreamRefused({
          code: "request-invalid",
          message: "`Last-Event-ID` must be the id of an event of this stream: a whole number."
        })
      )
}

/**
 * Whether an `Accept` header asks for an event stream rather than for JSON. Only who names it gets one: `*\/*` is answered at once, and
 * a stream never is.
 */
export const prefersEventStream = (accept: string | undefined): boolean => {
  const stream = qualityOf(accept, "text/event-stream")
  return stream > 0 && stream >= qualityOf(accept, "application/json")
}

const qualityOf = (accept: string | undefined, type: string): number => {
  for (const range of (accept ?? "").split(",")) {
    const [name, ...parameters] = range.split(";").map((part) => part.trim().toLowerCase())
    if (name !== type) continue
    const quality = parameters.find((parameter) => parameter.startsWith("q="))
    return quality === undefined ? 1 : Number(quality.slice(2)) || 0
  }
  return 0
}
