/**
 * The log: the one ordered truth. A port, so that tests and other stores can stand in; what every adapter owes is in
 * `testing/eventLogSuite.ts`.
 *
 * Guarantees:
 * - Position order is commit order, without gaps. So is version order inside a thread.
 * - An append is all or nothing. It never raises for conflicts or duplicates: it answers `Refused` and says what stands
 *   in its way.
 * - Sending the same append again after its outcome was unknown commits it at most once: its own rows stand in its way,
 *   recognisable by their hash.
 */
import type {
  CommandId,
  LoggedEvent,
  MessageId,
  PartId,
  Rejection,
  SessionId,
  TenantId,
  ThreadId,
  ToolCallId
} from "@spillway/contracts"
import { Context, type Effect, Schema } from "effect"

/** An event on its way into the log: its envelope, and the very bytes of its data. `hash` is hex. */
export interface EventRow {
  readonly tenant: TenantId
  readonly threadId: ThreadId
  readonly version: number
  readonly type: string
  readonly schemaVersion: number
  readonly commandId: CommandId | null
  readonly causationId: string | null
  readonly correlationId: string | null
  readonly actor: string
  readonly at: string
  readonly encoding: number
  /** JSON text. */
  readonly data: string
  readonly hash: string
}

/** What is remembered of a client's command. */
export interface ReceiptRow {
  readonly tenant: TenantId
  readonly commandId: CommandId
  readonly threadId: ThreadId
  /** sha256 of thread, type and payload, hex: the same id with another one is a conflict. */
  readonly fingerprint: string
  readonly status: "accepted" | "rejected"
  /** The thread's version after the command; `null` when rejected. */
  readonly version: number | null
  readonly rejection: Rejection | null
  readonly at: string
}

/** How far a session's events are durable. */
export interface CursorRow {
  readonly sessionId: SessionId
  readonly generation: number
  readonly through: number
}

/** A piece of text that no event holds yet, at its place in its part. */
export interface UnflushedText {
  /** Which of the session's pieces this is. It takes the place of an earlier one of the same number, which events hold by then. */
  readonly ordinal: number
  readonly messageId: MessageId
  readonly partId: PartId
  readonly kind: "text" | "reasoning" | "tool-output"
  /** What the source calls the part; `null` for tool output, which is named by its call. */
  readonly itemId: string | null
  /** Of tool output; `null` for the others. */
  readonly toolCallId: ToolCallId | null
  /** In UTF-16 code units from the beginning of the part. */
  readonly offset: number
  readonly text: string
  /**
   * Where in the part the text of events after the cursor begins: before its end while the source is to send again what is here already,
   * for the sake of what was held back behind it.
   */
  readonly resumesAt: number
}

/**
 * What a crash leaves of un-flushed text. It stays until its session ends, also where an event holds it meanwhile. It moves the session's
 * cursor by itself: with it, the session's events up to `through` are durable.
 */
export interface CheckpointRow extends UnflushedText, CursorRow {}

export interface Append {
  readonly events: ReadonlyArray<EventRow>
  readonly receipts: ReadonlyArray<ReceiptRow>
  /**
   * Moved forward in the same commit. A cursor behind the stored one refuses the append; one at the same place does not: text that
   * waits for its cut holds the cursor while what stands before it goes in.
   */
  readonly cursors: ReadonlyArray<CursorRow>
  /** Written in the same commit: text that would be lost with its process. */
  readonly checkpoints: ReadonlyArray<CheckpointRow>
  /** Sessions that end with this append: nothing of their checkpoints is left, not even what it writes itself. */
  readonly ended: ReadonlyArray<SessionId>
  /** The lease under which runtime commands were decided; `null` when there are none. An older epoch is refused. */
  readonly epoch: number | null
}

/** One place of the log that an append wanted and another holds. */
export interface TakenVersion {
  readonly tenant: TenantId
  readonly threadId: ThreadId
  readonly version: number
  readonly position: number
  readonly hash: string
}

export type AppendOutcome =
  /** `position` is that of the first event appended; the log's head when there were none. */
  | { readonly _tag: "Committed"; readonly position: number }
  | {
      readonly _tag: "Refused"
      /** The receipts that exist already for commands of this append. */
      readonly receipts: ReadonlyArray<ReceiptRow>
      /** The versions of this append that are taken. */
      readonly taken: ReadonlyArray<TakenVersion>
      /** The stored cursors that this append's are behind. */
      readonly cursors: ReadonlyArray<CursorRow>
      /** The lease has a newer epoch. */
      readonly fenced: boolean
    }

/** Where a thread stands: what deciding its next command starts from. */
export interface ThreadHead {
  readonly version: number
  /** The last event's hash, hex; 64 zeros before the first. */
  readonly hash: string
}

export interface ThreadSnapshot {
  readonly tenant: TenantId
  readonly threadId: ThreadId
  readonly version: number
  readonly hash: string
  /** The shape of `state`; another one than the reader's is not used. */
  readonly shape: number
  readonly state: unknown
}

/** The database can't be reached or is not ready. Nothing was committed; the same call may be made again. */
export class Unavailable extends Schema.TaggedError<Unavailable>("@spillway/orchestration/Unavailable")(
  "Unavailable",
  {
    message: Schema.String,
    cause: Schema.optionalKey(Schema.Defect())
  }
) {}

/** The connection went away while committing: it may have happened or not. Sending the same append again finds out. */
export class OutcomeUnknown extends Schema.TaggedError<OutcomeUnknown>(
  "@spillway/orchestration/OutcomeUnknown"
)("OutcomeUnknown", { message: Schema.String, cause: Schema.optionalKey(Schema.Defect()) }) {}

/** The database refused this append for what it contains; it would refuse it again. */
export class AppendInvalid extends Schema.TaggedError<AppendInvalid>("@spillway/orchestration/AppendInvalid")(
  "AppendInvalid",
  { message: Schema.String, cause: Schema.optionalKey(Schema.Defect()) }
) {}

export class EventLog extends Context.Service<
  EventLog,
  {
    /** Names this log; cursors of another one mean nothing here. */
    readonly logId: string
    readonly append: (
      append: Append
    ) => Effect.Effect<AppendOutcome, Unavailable | OutcomeUnknown | AppendInvalid>
    /** The position of the last event; 0 in an empty log. */
    readonly head: Effect.Effect<number, Unavailable>
    /** Events of one thread after a version, in order, at most `limit`. */
    readonly readThread: (options: {
      readonly tenant: TenantId
      readonly threadId: ThreadId
      readonly afterVersion: number
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<LoggedEvent>, Unavailable>
    /** Events of the whole log after a position, in order, at most `limit`. */
    readonly readLog: (options: {
      readonly afterPosition: number
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<LoggedEvent>, Unavailable>
    /** How far a session has come, by its appends and its checkpoint. */
    readonly cursor: (sessionId: SessionId) => Effect.Effect<CursorRow | undefined, Unavailable>
    /** The checkpoint of a session, in the order of its pieces. */
    readonly checkpoint: (sessionId: SessionId) => Effect.Effect<ReadonlyArray<CheckpointRow>, Unavailable>
    readonly snapshot: (
      tenant: TenantId,
      threadId: ThreadId
    ) => Effect.Effect<ThreadSnapshot | undefined, Unavailable>
    /** Keeps a snapshot unless a newer one is kept. */
    readonly keepSnapshot: (snapshot: ThreadSnapshot) => Effect.Effect<void, Unavailable>
  }
>()("@spillway/orchestration/EventLog") {}
