/** Read models without tables, for tests: folds the log anew with each read, and so stands at its head. */
import {
  DEFAULT_TENANT,
  emptyThreadView,
  foldThread,
  type TenantId,
  type ThreadId,
  type ThreadSummary,
  type ThreadView
} from "@spillway/contracts"
import { EventLog, ReadModels, type ThreadPage, type ThreadSnapshotView } from "@spillway/orchestration"
import { foldedList, foldedMessages, foldedSearch } from "@spillway/orchestration/testing"
import { Effect, Layer } from "effect"

export const layer = Layer.effect(
  ReadModels,
  Effect.gen(function* () {
    const log = yield* EventLog
    const everything = log.readLog({ afterPosition: 0, limit: Number.MAX_SAFE_INTEGER })

    const viewOf = Effect.fnUntraced(function* (tenant: TenantId, threadId: ThreadId) {
      const events = yield* log.readThread({
        tenant,
        threadId,
        afterVersion: 0,
        limit: Number.MAX_SAFE_INTEGER
      })
      return events.length === 0 ? undefined : foldThread(emptyThreadView(threadId), events)
    })

    const summaries = Effect.fnUntraced(function* (tenant: TenantId, threadIds: Iterable<ThreadId>) {
      const views = yield* Effect.forEach(threadIds, (threadId) => viewOf(tenant, threadId))
      return views.filter((view) => view !== undefined).map(summaryOf)
    })

    const threadIds = (tenant: TenantId) =>
      Effect.map(
        everything,
        (events) => new Set(events.filter((event) => event.tenant === tenant).map((event) => event.threadId))
      )

    const viewsOf = Effect.fnUntraced(function* (tenant: TenantId) {
      const ids = Array.from(yield* threadIds(tenant))
      return (yield* Effect.forEach(ids, (id) => viewOf(tenant, id))).filter((view) => view !== undefined)
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
