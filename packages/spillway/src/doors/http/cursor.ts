/** A place in a list, as a client carries it from one page to the next: it means nothing to it, and need not. */
import { MessageId, ThreadId } from "@spillway/contracts"
import { BadRequest } from "@spillway/contracts/http-api"
import type { SearchCursor, ThreadListOptions } from "@spillway/orchestration"
import { Effect, Schema } from "effect"

export interface Cursor<A> {
  readonly textOf: (place: A) => string
  readonly placeOf: (text: string) => Effect.Effect<A, BadRequest>
}

const notACursor = new BadRequest({
  code: "request-invalid",
  detail: "`before` must be the `next` of an answer.",
  retryable: false
})

const cursor = <A>(schema: Schema.Codec<A, unknown>): Cursor<A> => {
  const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(schema))
  return {
    textOf: (place) => Buffer.from(JSON.stringify(place)).toString("base64url"),
    placeOf: (text) =>
      Effect.mapError(decode(Buffer.from(text, "base64url").toString("utf8")), () => notACursor)
  }
}

/** What stands in a place, and nothing that a database would choke on. */
const Place = Schema.String.check(Schema.isPattern(/^[\x20-\x7e]{1,600}$/))

/** In the list of threads. */
export const threadCursor: Cursor<NonNullable<ThreadListOptions["before"]>> = cursor(
  Schema.Struct({ updatedAt: Place, threadId: Place })
)

/** Among the hits of a search. */
export const hitCursor: Cursor<SearchCursor> = cursor(
  Schema.Struct({ at: Place, threadId: ThreadId, messageId: Schema.NullOr(MessageId) })
)
