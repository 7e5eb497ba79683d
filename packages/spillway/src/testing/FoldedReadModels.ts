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
import { EventLog, ReadModels } from "@spillway/orchestration"
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

    return ReadModels.of({
      waitFor: () => Effect.void,
      status: Effect.map(log.head, (checkpoint) => [{ projection: "folded", checkpoint, failed: null }]),
      thread: (tenant, threadId) =>
        Effect.map(viewOf(tenant, threadId), (view) =>
          view === undefined ? undefined : { view, before: null }
        ),
      threads: (tenant) => Effect.flatMap(threadIds(tenant), (ids) => summaries(tenant, ids)),
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

const summaryOf = (view: ThreadView): ThreadSummary => ({
  threadId: view.threadId,
  version: view.version,
  status: view.status,
  title: view.title,
  activity: view.activeTurnId === null ? "idle" : "working",
  turnCount: view.turns.length,
  messageCount: view.turns.reduce((count, turn) => count + turn.messages.length, 0),
  preview: "",
  createdAt: view.createdAt,
  updatedAt: view.updatedAt
})
