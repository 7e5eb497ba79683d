/**
 * What deciding needs to know of a thread: ids, lengths and statuses; no text. Plain JSON, so that it can be snapshotted. Raise
 * THREAD_STATE_SHAPE when its shape changes: older snapshots are then left alone and the thread is folded again.
 */
import type {
  DeliveryMode,
  MessageId,
  PartId,
  Question,
  RequestId,
  RequestKind,
  RuntimeChoice,
  SessionId,
  StepId,
  TenantId,
  ThreadId,
  ToolCallId,
  TurnId
} from "@spillway/contracts"

export const THREAD_STATE_SHAPE = 1

export interface OpenMessage {
  readonly messageId: MessageId
  readonly stepId: StepId
  /** Durable length of each part, in UTF-16 code units, and whether anything in it is more than white space. */
  readonly parts: Readonly<
    Record<PartId, { readonly kind: "text" | "reasoning" | "tool-call"; readonly length: number }>
  >
  readonly hasContent: boolean
}

export interface OpenToolCall {
  readonly toolCallId: ToolCallId
  readonly messageId: MessageId
  readonly stepId: StepId
  readonly outputLength: number
}

export interface PendingRequest {
  readonly requestId: RequestId
  readonly stepId: StepId | null
  readonly toolCallId: ToolCallId | null
  readonly kind: RequestKind
  /** Of an input request: what an answer has to fit. */
  readonly questions: ReadonlyArray<Pick<Question, "id" | "options">>
}

export interface OpenSession {
  readonly sessionId: SessionId
  readonly generation: number
  readonly runtime: string
  readonly resumable: boolean
  readonly canSteer: boolean
}

/** The active turn and all that is open in it. */
export interface ActiveTurn {
  readonly turnId: TurnId
  readonly interruptRequested: boolean
  /** `null` before the claim, and again once the session is gone while the turn is parked. */
  readonly session: OpenSession | null
  readonly openStep: StepId | null
  readonly nextStepIndex: number
  /** Several only where a runtime interleaves them. */
  readonly openMessages: Readonly<Record<MessageId, OpenMessage>>
  readonly openToolCalls: Readonly<Record<ToolCallId, OpenToolCall>>
  readonly pendingRequests: Readonly<Record<RequestId, PendingRequest>>
  /** Answered requests whose answer no session has taken yet. */
  readonly untakenRequests: Readonly<Record<RequestId, true>>
  /** Steering messages no step has taken in yet. */
  readonly steering: ReadonlyArray<PendingSteering>
}

/** A message for the running turn, and the turn that it becomes when no step takes it. */
export interface PendingSteering {
  readonly messageId: MessageId
  readonly nextTurnId: TurnId
  readonly mode: DeliveryMode
  readonly choice: RuntimeChoice
}

export interface TurnState {
  readonly status: "queued" | "active" | "completed" | "failed" | "interrupted"
  readonly mode: DeliveryMode
  readonly messageId: MessageId
  readonly choice: RuntimeChoice
  readonly retryOf: TurnId | null
  readonly retriedBy: TurnId | null
}

export interface ThreadState {
  readonly tenant: TenantId
  readonly threadId: ThreadId
  readonly version: number
  readonly status: "absent" | "active" | "archived" | "deleted"
  readonly turns: Readonly<Record<TurnId, TurnState>>
  readonly active: ActiveTurn | null
  readonly queue: ReadonlyArray<TurnId>
  /** The last generation given to a session of this thread; 0 before the first. */
  readonly generation: number
  /** Every message that is or was in the thread, closed or not: ids are not used twice. */
  readonly messages: Readonly<Record<MessageId, true>>
  /** Ids of tool calls that are closed, of the active turn only. */
  readonly closedToolCalls: Readonly<Record<ToolCallId, true>>
  /** How each request that is no longer pending ended. */
  readonly endedRequests: Readonly<Record<RequestId, "resolved" | "withdrawn">>
}

export const emptyThreadState = (tenant: TenantId, threadId: ThreadId): ThreadState => ({
  tenant,
  threadId,
  version: 0,
  status: "absent",
  turns: {},
  active: null,
  queue: [],
  generation: 0,
  messages: {},
  closedToolCalls: {},
  endedRequests: {}
})
