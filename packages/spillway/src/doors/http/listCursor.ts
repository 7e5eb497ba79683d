/** A place in the list of threads, as a client carries it: it means nothing to it, and need not. */
import { BadRequest } from "@spillway/contracts/http-api"
import type { ThreadListOptions } from "@spillway/orchestration"
import { Effect, Schema } from "effect"

type Place = NonNullable<ThreadListOptions["before"]>

const isPlace = Schema.is(Schema.Tuple([Schema.String, Schema.String]))

export const cursorOf = ({ threadId, updatedAt }: Place): string =>
  Buffer.from(JSON.stringify([updatedAt, threadId])).toString("base64url")

export const placeOf = (cursor: string): Effect.Effect<Place, BadRequest> =>
  Effect.try({
    try: () => {
      const place: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"))
      if (!isPlace(place)) throw new Error("no place")
      return { updatedAt: place[0], threadId: place[1] }
    },
    catch: () =>
      new BadRequest({
        code: "request-invalid",
        detail: "`before` must be the `next` of an answer.",
        retryable: false
      })
  })
