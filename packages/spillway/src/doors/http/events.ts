/** Events after a place, as a page: the texts that every door sends. */
import { EVENTS_PAGE_BYTES, PAGE } from "@spillway/contracts/http-api"
import type { Unavailable } from "@spillway/orchestration"
import { Effect } from "effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type { Followed } from "../following/sources.ts"
import { placeOf } from "../sse/streamRequest.ts"

/** Events read from the log at once; each is at most 256 KiB, and a page ends before many of such a size. */
const READ_AT_ONCE = 64

export interface EventsRequest {
  readonly after?: number | "tail"
  readonly limit?: number
  readonly logId?: string
}

/**
 * @param name what the end of it is called: the thread's `version`, the log's `head`.
 * @param end where it ends, asked only when the page does not reach it.
 */
export const eventsPage = Effect.fnUntraced(function* (
  logId: string,
  name: "version" | "head",
  followed: Followed,
  end: Effect.Effect<number, Unavailable>,
  { after = 0, limit = PAGE.events.usual, logId: cursorLogId }: EventsRequest
) {
  const at = yield* placeOf(followed, after === "tail" ? after : { after, logId: cursorLogId })
  const { order, readAfter } = followed
  const texts: Array<string> = []
  let place = at.after
  let bytes = 0
  let isEnd = false
  while (!isEnd && texts.length < limit && bytes < EVENTS_PAGE_BYTES) {
    const wanted = Math.min(READ_AT_ONCE, limit - texts.length)
    const events = yield* readAfter(place, wanted)
    isEnd = events.length < wanted
    for (const event of events) {
      if (bytes >= EVENTS_PAGE_BYTES) {
        isEnd = false
        break
      }
      const text = order.textOf(event)
      place = order.placeOf(event)
      texts.push(text)
      bytes += Buffer.byteLength(text)
    }
  }
  const through = isEnd ? place : Math.max(place, yield* end)
  return HttpServerResponse.text(
    `{"logId":${JSON.stringify(logId)},"${name}":${through},"events":[${texts.join(",")}],"next":${through > place ? place : null}}`,
    { contentType: "application/json", headers: { vary: "Origin, Accept" } }
  )
})
