/**
 * The droppable lane: text on its way to the log, for whoever watches a thread right now. It decides nothing, and nobody waits for it.
 */
import type { LiveFrame, TenantId, ThreadId } from "@spillway/contracts"
import { counterOf, metrics, threadKey } from "@spillway/orchestration"
import { Context, Effect, Layer, type Scope } from "effect"

export interface LiveListener {
  /** Called on the publishing fiber: it must be quick and must not throw. */
  readonly onFrame: (frame: LiveFrame) => void
}

export class LiveLane extends Context.Service<
  LiveLane,
  {
    readonly publish: (tenant: TenantId, frame: LiveFrame) => void
    /**
     * Watches a thread until the scope closes. The result is the whole un-flushed tail at this moment, each piece at its durable
     * offset; frames after it follow it without a gap.
     */
    readonly watch: (
      tenant: TenantId,
      threadId: ThreadId,
      listener: LiveListener
    ) => Effect.Effect<ReadonlyArray<LiveFrame>, never, Scope.Scope>
    /** The un-flushed tail now: what a watcher that dropped frames starts again from. */
    readonly tail: (tenant: TenantId, threadId: ThreadId) => ReadonlyArray<LiveFrame>
    /** Ingestion's side: says what the tail of a thread is, until the scope closes. */
    readonly source: (
      tenant: TenantId,
      threadId: ThreadId,
      tail: () => ReadonlyArray<LiveFrame>
    ) => Effect.Effect<void, never, Scope.Scope>
  }
>()("@spillway/runtime-ingestion/LiveLane") {
  static readonly layer = Layer.effect(
    LiveLane,
    Effect.map(counterOf(metrics.liveFrames), (frames) => {
      const watchers = new Map<string, Set<LiveListener>>()
      const sources = new Map<string, () => ReadonlyArray<LiveFrame>>()
      const tail = (tenant: TenantId, threadId: ThreadId) =>
        sources.get(threadKey({ tenant, threadId }))?.() ?? []

      return LiveLane.of({
        publish: (tenant, frame) => {
          frames.add()
          for (const listener of watchers.get(threadKey({ tenant, threadId: frame.threadId })) ?? [])
            listener.onFrame(frame)
        },
        tail,
        watch: (tenant, threadId, listener) =>
          Effect.acquireRelease(
            Effect.sync(() => {
              const key = threadKey({ tenant, threadId })
              const set = watchers.get(key) ?? new Set()
              watchers.set(key, set.add(listener))
              return tail(tenant, threadId)
            }),
            () =>
              Effect.sync(() => {
                const key = threadKey({ tenant, threadId })
                const set = watchers.get(key)
                set?.delete(listener)
                if (set?.size === 0) watchers.delete(key)
              })
          ),
        source: (tenant, threadId, read) =>
          Effect.acquireRelease(
            Effect.sync(() => void sources.set(threadKey({ tenant, threadId }), read)),
            () =>
              Effect.sync(() => {
                const key = threadKey({ tenant, threadId })
                if (sources.get(key) === read) sources.delete(key)
              })
          )
      })
    })
  )
}
