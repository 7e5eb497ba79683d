/** Read models without tables, for tests: each read folds on what came to the log since the one before, and so stands at its head. */
import {
  DEFAULT_TENANT,
  emptyThreadView,
  foldThread,
  type TenantId,
  type ThreadId,
  type ThreadSummary,
  type ThreadView
} from "@spillway/contracts"
import {
  EventLog,
  ReadModels,
  threadKey,
  type ThreadPage,
  type ThreadSnapshotView
} from "@spillway/orchestration"
import { foldedList, foldedMessages, foldedSearch } from "@spillway/orchestration/testing"
import { Effect, Layer } from "effect"

export const layer = Layer.effect(
  ReadModels,
  Effect.gen(function* () {
    const log = yield* EventLog
    const limit = Number.MAX_SAFE_INTEGER
    const views = new Map<string, ThreadView>()
    const threads = new Map<TenantId, Set<ThreadId>>()
    let position = 0

    const viewOf = Effect.fnUntraced(function* (tenant: TenantId, threadId: ThreadId) {
      const key = threadKey({ tenant, threadId })
      const known = views.get(key) ?? emptyThreadView(threadId)
      const events = yield* log.readThread({ tenant, threadId, afterVersion: known.version, limit })
      // Another read may have come further meanwhile.
      const view = foldThread(views.get(key) ?? known, events)
      if (view.version === 0) return undefined
      views.set(key, view)
      return view
    })

    const summaries = Effect.fnUntraced(function* (tenant: TenantId, threadIds: Iterable<ThreadId>) {
      const views = yield* Effect.forEach(threadIds, (threadId) => viewOf(tenant, threadId))
      return views.filter((view) => view !== undefined).map(summaryOf)
    })

    const threadIds = (tenant: TenantId) =>
      Effect.map(
        Effect.suspend(() => log.readLog({ afterPosition: position, limit })),
        (events) => {
          for (const { tenant, threadId } of events) {
            if (!threads.has(tenant)) threads.set(tenant, new Set())
            threads.get(tenant)!.add(threadId)
          }
          position = Math.max(position, events.at(-1)?.position ?? 0)
          return Array.from(threads.get(tenant) ?? [])
        }
      )

    const viewsOf = Effect.fnUntraced(function* (tenant: TenantId) {
      const all = yield* Effect.forEach(yield* threadIds(tenant), (threadId) => viewOf(tenant, threadId))
      return all.filter((view) => view !== undefined)
    })

    return ReadModels.of({
      waitFor: () => Effect.void,
      status: Effect.map(log.head, (checkpoint) => [{ projection: "folded", checkpoint, failed: null }]),
      thread: (tenant, threadId, page = {}) =>
        Effect.map(viewOf(tenant, threadId), (view) => view && pageOf(view, page)),
      messages: (tenant, threadId, page) =>
        Effect.map(viewOf(tenant, threadId), (view) => view && foldedMessages(view, page)),
      search: (tenant, search) => Effect.map(viewsOf(tenant), (views) => foldedSearch(views, search)),
      threads: (tenant, options) => Effect.map(viewsOf(tenant), (views) => foldedList(views, options)),
      summaries,
      busyThreads: Effect.gen(function* () {
        const busy: Array<{ tenant: TenantId; threadId: ThreadId }> = []
        for (const threadId of yield* threadIds(DEFAULT_TENANT)) {
          const view = yield* viewOf(DEFAULT_TENANT, threadId)
          if (view !== undefined && view.activeTurnId !== null)
            busy.push({ tenant: DEFAULT_TENANT, threadId })
        }
        return busy
      })
    })
  })
)

const pageOf = (view: ThreadView, { before, turns = 50 }: ThreadPage): ThreadSnapshotView => {
  const end =
    before === undefined ? view.turns.length : view.turns.findIndex(({ turnId }) => turnId === before)
  const held = view.turns.slice(Math.max(0, end - turns), Math.max(0, end))
  return { view: { ...view, turns: held }, before: end > turns ? held[0]!.turnId : null }
}

/** Of a deleted one too, which no list holds. */
const summaryOf = (view: ThreadView): ThreadSummary => ({
  ...foldedList([{ ...view, status: "active" }])[0]!,
  status: view.status
})
