/** What reads of the read models owe, said of whole views: to compare with, and for read models without tables. */
import {
  type MessageHit,
  type MessageView,
  SEARCHED_TEXT_LIMIT,
  type SearchHit,
  type ThreadSummary,
  type ThreadView,
  timeline
} from "@spillway/contracts"
import type { MessagePage, Search, SearchHits, ThreadListOptions, ThreadMessages } from "../ReadModels.ts"
import { searchCursorOf } from "../projections/search/readHits.ts"
import { type Alternative, parseQuery, type SearchQuery } from "../projections/search/SearchQuery.ts"
import { foundIn } from "../projections/search/foundIn.ts"
import { standsAt, wordsOf } from "../projections/search/words.ts"
import { textOf } from "../projections/threads/said.ts"
import { summaryOf } from "../projections/threads/summary.ts"

const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0)

type Place = ReadonlyArray<string | number>

const comparePlaces = (a: Place, b: Place): number =>
  a.map((part, i) => compare(part, b[i]!)).find((order) => order !== 0) ?? 0

const newestFirst = (a: Place, b: Place): number => comparePlaces(b, a)

export const foldedList = (
  views: ReadonlyArray<ThreadView>,
  { activity, archived, before, limit = 200 }: ThreadListOptions = {}
): ReadonlyArray<ThreadSummary> => {
  const placeOf = ({ threadId, updatedAt }: { threadId: string; updatedAt: string }) => [updatedAt, threadId]
  return views
    .filter(({ status }) => status !== "deleted")
    .map(summaryOf)
    .filter((summary) => activity === undefined || summary.activity === activity)
    .filter((summary) => archived === undefined || (summary.status === "archived") === archived)
    .sort((a, b) => newestFirst(placeOf(a), placeOf(b)))
    .filter((summary) => before === undefined || newestFirst(placeOf(before), placeOf(summary)) < 0)
    .slice(0, limit)
}

/** The messages that are shown, as they stand in the view. */
const shownIn = (view: ThreadView): ReadonlyArray<MessageView> => {
  const shown = new Set(timeline(view))
  return view.turns.flatMap((turn) => turn.messages).filter((message) => shown.has(message))
}

export const foldedMessages = (
  view: ThreadView,
  { before, limit = 50 }: MessagePage = {}
): ThreadMessages => {
  const shown = shownIn(view)
  const end = before === undefined ? shown.length : shown.findIndex(({ messageId }) => messageId === before)
  const messages = shown.slice(Math.max(0, end - limit), Math.max(0, end))
  return { version: view.version, messages, before: end > limit ? messages[0]!.messageId : null }
}

export const foldedSearch = (
  views: ReadonlyArray<ThreadView>,
  { before, limit = 20, query: text, threadId }: Search
): SearchHits => {
  const query = parseQuery(text)
  const found = views
    .filter((view) => view.status !== "deleted" && (threadId === undefined || view.threadId === threadId))
    .flatMap((view) => [...titleHits(view, query), ...messageHits(view, query)])
    .sort((a, b) => newestFirst(placeOf(a), placeOf(b)))
    .filter((hit) => before === undefined || newestFirst(placeOf(before), placeOf(hit)) < 0)
  const hits = found.slice(0, limit)
  return { hits, before: found.length > limit ? searchCursorOf(hits.at(-1)!) : null }
}

const placeOf = (hit: SearchHit | NonNullable<Search["before"]>): Place => {
  const { at, messageId, threadId } = "type" in hit ? searchCursorOf(hit) : hit
  return [messageId === null ? 1 : 0, at, threadId, messageId ?? ""]
}

const titleHits = (view: ThreadView, query: SearchQuery): ReadonlyArray<SearchHit> =>
  view.title === null || !fits(view.title, query)
    ? []
    : [
        {
          type: "title",
          threadId: view.threadId,
          at: view.createdAt,
          title: view.title,
          ...foundIn(view.title, query)
        }
      ]

const messageHits = (view: ThreadView, query: SearchQuery): ReadonlyArray<SearchHit> =>
  shownIn(view).flatMap((message) => {
    if (message.status === "open") return []
    const text = Array.from(textOf(message)).slice(0, SEARCHED_TEXT_LIMIT).join("")
    return fits(text, query)
      ? [
          {
            type: "message",
            messageId: message.messageId,
            turnId: message.turnId,
            role: message.role as MessageHit["role"],
            threadId: view.threadId,
            at: message.closedAt!,
            title: view.title,
            ...foundIn(text, query)
          }
        ]
      : []
  })

const fits = (text: string, query: SearchQuery): boolean => {
  const words = wordsOf(text)
  const has = (phrase: Alternative["wanted"][number]) => words.some((_, i) => standsAt(words, i, phrase))
  return query.some(({ unwanted, wanted }) => wanted.every(has) && !unwanted.some(has))
}
