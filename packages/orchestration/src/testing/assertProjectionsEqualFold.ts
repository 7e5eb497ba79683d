/**
 * Compares every read model with a fold of the whole log, for the end of an integration suite. Nothing may be appended
 * meanwhile.
 */
import { deepStrictEqual, strictEqual } from "node:assert/strict"
import {
  emptyThreadView,
  foldThread,
  type LoggedEvent,
  type TenantId,
  type ThreadId,
  type ThreadView,
  type TurnView
} from "@spillway/contracts"
import { Effect } from "effect"
import { EventLog } from "../EventLog.ts"
import { threadKey } from "../threadKey.ts"
import { summaryOf } from "../projections/threads/summary.ts"
import { ReadModels } from "../ReadModels.ts"

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
    const listed = views
      .filter((view) => view.status !== "deleted")
      .map(summaryOf)
      .sort(byUpdate)
    deepStrictEqual(yield* models.threads(tenant, { limit: views.length }), listed)
  }
  deepStrictEqual(
    (yield* models.busyThreads).map(threadKey).sort(),
    [...threads].flatMap(([key, { view }]) => (view.activeTurnId === null ? [] : [key])).sort()
  )
  return { threads: threads.size, events: head }
}).pipe(Effect.withSpan("assertProjectionsEqualFold"))

/** Dies unless the read model of a thread, over all its pages, is this view, down to the order of its keys. */
export const assertThreadEqualsFold = Effect.fnUntraced(function* (tenant: TenantId, view: ThreadView) {
  const projected = yield* wholeThread(yield* ReadModels, tenant, view.threadId)
  deepStrictEqual(projected, view)
  strictEqual(JSON.stringify(projected), JSON.stringify(view), "the same, but in another order of keys")
})

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
const byUpdate = (a: { updatedAt: string; threadId: string }, b: { updatedAt: string; threadId: string }) =>
  compare(b.updatedAt, a.updatedAt) || compare(b.threadId, a.threadId)
