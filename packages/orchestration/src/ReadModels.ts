/** Reads of the read models. Each answer stands at the projection's checkpoint; `waitFor` brings it up to a position. */
import type {
  MessageId,
  MessageView,
  SearchHit,
  TenantId,
  ThreadId,
  ThreadSummary,
  ThreadView
} from "@spillway/contracts"
import { Context, type Effect, Schema } from "effect"
import type { Unavailable } from "./EventLog.ts"

/** A projection met an event it can't apply, and stopped there. Its tables stand at `checkpoint`. */
export class ProjectionFailed extends Schema.TaggedError<ProjectionFailed>(
  "@spillway/orchestration/ProjectionFailed"
)("ProjectionFailed", { projection: Schema.String, checkpoint: Schema.Int, message: Schema.String }) {}

/** A search took longer than searches may. The same one would again. */
export class SearchTooSlow extends Schema.TaggedError<SearchTooSlow>("@spillway/orchestration/SearchTooSlow")(
  "SearchTooSlow",
  { message: Schema.String }
) {}

export interface ThreadSnapshotView {
  readonly view: ThreadView
  /** The oldest turn held, when the thread has older ones. */
  readonly before: string | null
}

/** Which turns of a thread: the last `turns` (default 50), or as many `before` the turn of that id. */
export interface ThreadPage {
  readonly turns?: number
  readonly before?: string
}

/** Which threads: the first `limit` (default 200), or as many after the one that `before` names; and only some, if that is asked. */
export interface ThreadListOptions {
  readonly limit?: number
  readonly before?: { readonly updatedAt: string; readonly threadId: string }
  readonly activity?: ThreadSummary["activity"]
  /** `true`: archived ones alone. `false`: those that are not. */
  readonly archived?: boolean
}

/** Which messages of a thread: the last `limit` (default 50), or as many `before` the one of that id. */
export interface MessagePage {
  readonly limit?: number
  readonly before?: MessageId
}

export interface ThreadMessages {
  /** The thread's, when they were read. */
  readonly version: number
  readonly messages: ReadonlyArray<MessageView>
  /** The oldest one held, when there are older ones. */
  readonly before: MessageId | null
}

/** What is looked for, and which of the hits: the first `limit` (default 20), or as many after the one that `before` names. */
export interface Search {
  /** As a person types it: see `SearchQuery`. */
  readonly query: string
  readonly threadId?: ThreadId
  readonly limit?: number
  readonly before?: SearchCursor
}

/** A hit. `messageId` is `null` for one by a title. */
export interface SearchCursor {
  readonly at: string
  readonly threadId: ThreadId
  readonly messageId: MessageId | null
}

export interface SearchHits {
  readonly hits: ReadonlyArray<SearchHit>
  /** The last one, when there are more. */
  readonly before: SearchCursor | null
}

export interface ProjectionStatus {
  readonly projection: string
  readonly checkpoint: number
  /** Why it can't get past the checkpoint. */
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
     * the fold of the thread's events up to its version. A thread that was deleted is still here. No turn stands before an unknown
     * `before`.
     */
    readonly thread: (
      tenant: TenantId,
      threadId: ThreadId,
      page?: ThreadPage
    ) => Effect.Effect<ThreadSnapshotView | undefined, Unavailable>
    /**
     * The messages that `timeline` shows, so nothing of attempts that were retried, as they stand in the view: turns in the order in
     * which they were asked for, and in a turn the log's order. None stands before an unknown `before`.
     */
    readonly messages: (
      tenant: TenantId,
      threadId: ThreadId,
      page?: MessagePage
    ) => Effect.Effect<ThreadMessages | undefined, Unavailable>
    /**
     * Titles, then closed messages that `timeline` shows, of each the newest first. A message is found in the same moment in which it
     * is closed here, whatever closed it. Threads that were archived are searched, deleted ones are not. Any query has an answer; one
     * without a word to look for finds nothing. One that takes too long is given up.
     */
    readonly search: (
      tenant: TenantId,
      search: Search
    ) => Effect.Effect<SearchHits, Unavailable | SearchTooSlow>
    /** Threads of a tenant that were not deleted, last updated first. */
    readonly threads: (
      tenant: TenantId,
      options?: ThreadListOptions
    ) => Effect.Effect<ReadonlyArray<ThreadSummary>, Unavailable>
    /** Summaries of those of these threads that exist, deleted ones too, in no order. */
    readonly summaries: (
      tenant: TenantId,
      threadIds: ReadonlyArray<ThreadId>
    ) => Effect.Effect<ReadonlyArray<ThreadSummary>, Unavailable>
    /** Every thread, of all tenants, that has an active turn: where recovery looks. */
    readonly busyThreads: Effect.Effect<ReadonlyArray<{ tenant: TenantId; threadId: ThreadId }>, Unavailable>
  }
>()("@spillway/orchestration/ReadModels") {}
