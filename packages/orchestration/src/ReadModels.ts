/** Reads of the read models. Each answer stands at the projection's checkpoint; `waitFor` brings it up to a position. */
import type { TenantId, ThreadId, ThreadSummary, ThreadView } from "@spillway/contracts"
import { Context, type Effect, Schema } from "effect"
import type { Unavailable } from "./EventLog.ts"

/** A projection met an event it can't apply, and stopped there. Its tables stand at `checkpoint`. */
export class ProjectionFailed extends Schema.TaggedError<ProjectionFailed>("@spillway/orchestration/ProjectionFailed")(
  "ProjectionFailed",
  { projection: Schema.String, checkpoint: Schema.Int, message: Schema.String }
) {}

export interface ThreadSnapshotView {
  readonly view: ThreadView
  /** The oldest turn held, when the thread has older ones. */
  readonly before: string | null
}

export interface ProjectionStatus {
  readonly projection: string
  readonly checkpoint: number
  readonly failed: string | null
}

export class ReadModels extends Context.Service<
  ReadModels,
  {
    /** Returns once every read model holds all events up to `position`. */
    readonly waitFor: (position: number) => Effect.Effect<void, ProjectionFailed>
    readonly status: Effect.Effect<ReadonlyArray<ProjectionStatus>, Unavailable>
    /**
     * The thread at the checkpoint, assembled from the tables; text of messages that are still open comes from the log. Equal to
     * the fold of the thread's events up to its version. Holds the last `turns` turns (default 50).
     */
    readonly thread: (
      tenant: TenantId,
      threadId: ThreadId,
      options?: { readonly turns?: number; readonly before?: string }
    ) => Effect.Effect<ThreadSnapshotView | undefined, Unavailable>
    /** All threads of a tenant that were not deleted, last updated first, at most `limit` (default 200). */
    readonly threads: (
      tenant: TenantId,
      options?: { readonly limit?: number; readonly before?: { readonly updatedAt: string; readonly threadId: string } }
    ) => Effect.Effect<ReadonlyArray<ThreadSummary>, Unavailable>
    /** Summaries of these threads. */
    readonly summaries: (
      tenant: TenantId,
      threadIds: ReadonlyArray<ThreadId>
    ) => Effect.Effect<ReadonlyArray<ThreadSummary>, Unavailable>
    /** Every thread, of all tenants, that has an active turn: where recovery looks. */
    readonly busyThreads: Effect.Effect<ReadonlyArray<{ tenant: TenantId; threadId: ThreadId }>, Unavailable>
  }
>()("@spillway/orchestration/ReadModels") {}
