/**
 * Compares every read model with a fold of the whole log, for the end of an integration suite. Nothing may be appended
 * meanwhile.
 */
import { deepStrictEqual, strictEqual } from "node:assert/strict"
import {
  emptyThreadView,
  foldThread,
  type LoggedEvent,
  type MessageId,
  type MessageView,
  type TenantId,
  type ThreadId,
  type ThreadView,
  type TurnView
} from "@spillway/contracts"
import { Effect } from "effect"
import { EventLog } from "../EventLog.ts"
import { threadKey } from "../threadKey.ts"
import { wordsOf } from "../projections/search/words.ts"
import { textOf } from "../projections/threads/said.ts"
import { summaryOf } from "../projections/threads/summary.ts"
import { ReadModels, type SearchCursor, type SearchHits, type ThreadMessages } from "../ReadModels.ts"
import { foldedList, foldedMessages, foldedSearch } from "./foldedReads.ts"

const PAGE = 512

interface Folded {
  readonly tenant: TenantId
  readonly view: ThreadView
}

/** Dies with the difference where there is one; answers what was compared. */
export const assertProjectionsEqualFold = Effect.gen(function* () {
  const log = yield* EventLog
  const models = yield* ReadModels
  const head = yield* log.head
  yield* models.waitFor(head)

  const threads = new Map<string, Folded>()
  for (let position = 0; position < head;) {
    const events = yield* log.readLog({ afterPosition: position, limit: Math.min(PAGE, head - position) })
    for (const event of events) fold(threads, event)
    position += events.length
  }
  for (const { tenant, view } of threads.values()) yield* assertThreadEqualsFold(tenant, view)
  for (const tenant of new Set([...threads.values()].map(({ tenant }) => tenant))) {
    const views = [...threads.values()].flatMap((thread) => (thread.tenant === tenant ? [thread.view] : []))
    const summaries = yield* models.summaries(
      tenant,
      views.map((view) => view.threadId)
    )
    deepStrictEqual(summaries.toSorted(byThread), views.map(summaryOf).sort(byThread))
    for (const archived of [undefined, true, false]) {
      for (const activity of [undefined, "idle", "working", "waiting"] as const) {
        const options = {
          limit: views.length,
          ...(archived !== undefined && { archived }),
          ...(activity !== undefined && { activity })
        }
        deepStrictEqual(yield* models.threads(tenant, options), foldedList(views, options))
      }
    }
    yield* assertSearchEqualsFold(tenant, views)
  }
  deepStrictEqual(
    (yield* models.busyThreads).map(threadKey).sort(),
    [...threads].flatMap(([key, { view }]) => (view.activeTurnId === null ? [] : [key])).sort()
  )
  return { threads: threads.size, events: head }
}).pipe(Effect.withSpan("assertProjectionsEqualFold"))

/**
 * Dies unless the read model of a thread, over all its pages, is this view, down to the order of its keys, and its messages are found
 * by what they say.
 */
export const assertThreadEqualsFold = Effect.fnUntraced(function* (tenant: TenantId, view: ThreadView) {
  const models = yield* ReadModels
  const projected = yield* wholeThread(models, tenant, view.threadId)
  deepStrictEqual(projected, view)
  strictEqual(JSON.stringify(projected), JSON.stringify(view), "the same, but in another order of keys")

  const { messages } = foldedMessages(view, { limit: Number.MAX_SAFE_INTEGER })
  const limit = Math.ceil(messages.length / 3) || 1
  let read: ReadonlyArray<MessageView> = []
  for (let before: MessageId | null | undefined; before !== null;) {
    const options = before === undefined ? { limit } : { limit, before }
    const page: ThreadMessages | undefined = yield* models.messages(tenant, view.threadId, options)
    deepStrictEqual(page, foldedMessages(view, options))
    read = [...page.messages, ...read]
    before = page.before
  }
  deepStrictEqual(read, messages)
  yield* assertSearchEqualsFold(tenant, [view], view.threadId)
})

/** Searches for words that stand in the threads, and a few more, page by page. */
const assertSearchEqualsFold = Effect.fnUntraced(function* (
  tenant: TenantId,
  views: ReadonlyArray<ThreadView>,
  threadId?: ThreadId
) {
  const models = yield* ReadModels
  for (const query of queriesFor(views)) {
    let before: SearchCursor | null | undefined
    while (before !== null) {
      const search = {
        query,
        limit: 7,
        ...(threadId !== undefined && { threadId }),
        ...(before !== undefined && { before })
      }
      const found: SearchHits = yield* models.search(tenant, search)
      deepStrictEqual(found, foldedSearch(views, search), `searching for ${query}`)
      before = found.before
    }
  }
})

/** The most texts whose words are searched for. */
const SEARCHED_TEXTS = 12

/** Of texts that are evenly spread over all there are, also of those that must not be found, a word, two in a row, and one without the other. */
const queriesFor = (views: ReadonlyArray<ThreadView>): ReadonlySet<string> => {
  const texts = views.flatMap(({ title, turns }) => [
    title ?? "",
    ...turns.flatMap((turn) => turn.messages).map(textOf)
  ])
  const every = Math.ceil(texts.length / SEARCHED_TEXTS)
  const spread = texts.filter((_, i) => i % every === 0)
  return new Set(
    spread.flatMap((text) => {
      const words = wordsOf(text.slice(0, 1_000)).map(({ word }) => word)
      const [first, second] = words.slice(words.length >> 1)
      if (first === undefined) return []
      return second === undefined ? [first] : [first, `"${first} ${second}"`, `${first} -${second}`]
    })
  )
}

const fold = (threads: Map<string, Folded>, event: LoggedEvent): void => {
  const key = threadKey(event)
  const view = threads.get(key)?.view ?? emptyThreadView(event.threadId)
  threads.set(key, { tenant: event.tenant, view: foldThread(view, [event]) })
}

/** All pages of a thread, put together. */
const wholeThread = Effect.fnUntraced(function* (
  models: ReadModels["Service"],
  tenant: TenantId,
  threadId: ThreadId
) {
  const last = yield* models.thread(tenant, threadId)
  if (last === undefined) return undefined
  let turns: ReadonlyArray<TurnView> = last.view.turns
  for (let before = last.before; before !== null;) {
    const page: typeof last | undefined = yield* models.thread(tenant, threadId, { before })
    turns = [...page!.view.turns, ...turns]
    before = page!.before
  }
  return { ...last.view, turns }
})

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const byThread = (a: { threadId: string }, b: { threadId: string }) => compare(a.threadId, b.threadId)
