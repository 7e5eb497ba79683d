/**
 * Where subscriptions listen: one listener on the Publisher for the whole server hands each event to the subscriptions of its thread,
 * to those of the log, and to the list of threads. It holds no events.
 */
import type { LoggedEvent, TenantId, ThreadId, ThreadSummary } from "@spillway/contracts"
import { followAgain, Publisher, ReadModels, threadKey, type Unavailable } from "@spillway/orchestration"
import { Context, Effect, Latch, Layer, type Scope } from "effect"
import { makeSharedReads, type SharedReads } from "./SharedReads.ts"

/** Called on the publishing fiber: it is quick and does not throw. */
export type EventListener = (event: LoggedEvent) => void
export type SummaryListener = (summaries: ReadonlyArray<ThreadSummary>) => void

export class ThreadHub extends Context.Service<
  ThreadHub,
  {
    readonly onThread: (
      tenant: TenantId,
      threadId: ThreadId,
      listener: EventListener
    ) => Effect.Effect<void, never, Scope.Scope>
    readonly onLog: (listener: EventListener) => Effect.Effect<void, never, Scope.Scope>
    /**
     * Hears the summary of a thread once the read models hold the event that changed it. The result returns once they hold everything
     * that was published before the listener came: a list that was read earlier may lack some of it.
     */
    readonly onThreads: (
      tenant: TenantId,
      listener: SummaryListener
    ) => Effect.Effect<Effect.Effect<void>, never, Scope.Scope>
    /** Pages of the log for those who follow. */
    readonly pages: SharedReads<ReadonlyArray<LoggedEvent>, Unavailable>
    /** Listeners of threads, of the log and of lists, now. */
    readonly listeners: () => number
  }
>()("spillway/doors/ThreadHub") {
  static readonly layer = Layer.effect(
    ThreadHub,
    Effect.gen(function* () {
      const publisher = yield* Publisher
      const readModels = yield* ReadModels
      const byThread = new Map<string, Set<EventListener>>()
      const byTenant = new Map<TenantId, Set<SummaryListener>>()
      const ofLog = new Set<EventListener>()
      /** Threads of watched tenants that changed and whose summaries were not told yet. */
      const changed = new Map<TenantId, Set<ThreadId>>()
      const hasChanged = yield* Latch.make(false)
      const pages = yield* makeSharedReads<ReadonlyArray<LoggedEvent>, Unavailable>()

      yield* publisher.onPublish((events) => {
        for (const event of events) {
          for (const listener of byThread.get(threadKey(event)) ?? []) listener(event)
          for (const listener of ofLog) listener(event)
          if (!byTenant.has(event.tenant)) continue
          const threads = changed.get(event.tenant) ?? new Set()
          changed.set(event.tenant, threads.add(event.threadId))
          hasChanged.openUnsafe()
        }
      })

      const tellSummaries = Effect.gen(function* () {
        yield* hasChanged.await
        hasChanged.closeUnsafe()
        const batch = [...changed]
        changed.clear()
        // A projection that failed is told of by the health check; the list then stands where it stopped.
        yield* Effect.ignore(readModels.waitFor(publisher.head()))
        for (const [tenant, threads] of batch) {
          const summaries = yield* readModels.summaries(tenant, [...threads]).pipe(
            Effect.tapError(() => Effect.logDebug("Thread summaries can't be read right now")),
            Effect.retry(followAgain),
            Effect.orElseSucceed((): ReadonlyArray<ThreadSummary> => [])
          )
          for (const listener of byTenant.get(tenant) ?? []) listener(summaries)
        }
      })
      yield* Effect.forkScoped(Effect.forever(tellSummaries))

      return ThreadHub.of({
        onThread: (tenant, threadId, listener) =>
          listenIn(byThread, threadKey({ tenant, threadId }), listener),
        onThreads: (tenant, listener) =>
          Effect.map(listenIn(byTenant, tenant, listener), () => {
            const before = publisher.head()
            return Effect.ignore(readModels.waitFor(before))
          }),
        onLog: (listener) =>
          Effect.acquireRelease(
            Effect.sync(() => void ofLog.add(listener)),
            () => Effect.sync(() => void ofLog.delete(listener))
          ),
        pages,
        listeners: () => sizeOf(byThread) + sizeOf(byTenant) + ofLog.size
      })
    })
  )
}

const sizeOf = <K, L>(sets: Map<K, Set<L>>): number =>
  Array.from(sets.values()).reduce((size, set) => size + set.size, 0)

const listenIn = <K, L>(sets: Map<K, Set<L>>, key: K, listener: L): Effect.Effect<void, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      sets.set(key, (sets.get(key) ?? new Set<L>()).add(listener))
    }),
    () =>
      Effect.sync(() => {
        const set = sets.get(key)
        set?.delete(listener)
        if (set?.size === 0) sets.delete(key)
      })
  )
