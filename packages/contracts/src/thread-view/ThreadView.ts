/**
 * A thread as a person sees it: the fold of its events, the same on server and client. Plain JSON: it travels in snapshots
 * as it is. Turns stand in the order in which they were asked for, and messages in the log's order, so that a fold only ever
 * adds behind; the order to show them in is `timeline`'s.
 */
import { Schema } from "effect"
import { Activity } from "../Activity.ts"
import { DeliveryMode } from "../DeliveryMode.ts"
import { Metadata } from "../events/ThreadEvents.ts"
import { MessageId, PartId, RequestId, StepId, ThreadId, ToolCallId, TurnId } from "../Ids.ts"
import { Question, RequestKind, RequestResponse } from "../Request.ts"
import { Failure, MessageRole, RuntimeChoice, TextKind, Usage } from "../Turn.ts"

export const TextPart = Schema.Struct({ type: TextKind, partId: PartId, text: Schema.String })
export type TextPart = typeof TextPart.Type

export const ToolCallPart = Schema.Struct({
  type: Schema.Literal("tool-call"),
  partId: PartId,
  toolCallId: ToolCallId,
  name: Schema.String,
  input: Schema.Json,
  inputTruncated: Schema.Boolean,
  providerExecuted: Schema.Boolean,
  status: Schema.Literals(["open", "completed", "error", "denied"]),
  /** What the tool printed while it ran. */
  output: Schema.String,
  outputTruncated: Schema.Boolean,
  result: Schema.Json,
  resultTruncated: Schema.Boolean,
  error: Schema.NullOr(Failure),
  /** The version at which it closed: the order of results in the log. */
  closedAtVersion: Schema.NullOr(Schema.Int)
})
export type ToolCallPart = typeof ToolCallPart.Type

export const Part = Schema.Union([TextPart, ToolCallPart])
export type Part = typeof Part.Type

export const MessageView = Schema.Struct({
  messageId: MessageId,
  turnId: TurnId,
  /** `null` for what a person or a system wrote. */
  stepId: Schema.NullOr(StepId),
  role: MessageRole,
  /** `open`: in progress. A `discarded` one stayed empty and is not shown. */
  status: Schema.Literals(["open", "completed", "interrupted", "error", "discarded"]),
  actor: Schema.String,
  runtime: Schema.NullOr(Schema.String),
  model: Schema.NullOr(Schema.String),
  parts: Schema.Array(Part),
  error: Schema.NullOr(Failure),
  openedAt: Schema.String,
  openedAtVersion: Schema.Int,
  closedAt: Schema.NullOr(Schema.String)
})
export type MessageView = typeof MessageView.Type

export const StepView = Schema.Struct({
  stepId: StepId,
  status: Schema.Literals(["open", "closed"]),
  usage: Usage,
  finishReason: Schema.NullOr(Schema.String),
  responseId: Schema.NullOr(Schema.String)
})
export type StepView = typeof StepView.Type

export const RequestView = Schema.Struct({
  requestId: RequestId,
  turnId: TurnId,
  stepId: Schema.NullOr(StepId),
  toolCallId: Schema.NullOr(ToolCallId),
  kind: RequestKind,
  title: Schema.String,
  questions: Schema.Array(Question),
  status: Schema.Literals(["pending", "resolved", "withdrawn"]),
  response: Schema.NullOr(RequestResponse),
  openedAt: Schema.String
})
export type RequestView = typeof RequestView.Type

export const TurnView = Schema.Struct({
  turnId: TurnId,
  /** The message that asked for it. */
  messageId: MessageId,
  status: Schema.Literals(["queued", "active", "completed", "failed", "interrupted"]),
  interruptRequested: Schema.Boolean,
  assistantDeliveryMode: DeliveryMode,
  choice: RuntimeChoice,
  /** The attempt before this one, and the one after it. A turn with `retriedBy` has left the timeline. */
  retryOf: Schema.NullOr(TurnId),
  retriedBy: Schema.NullOr(TurnId),
  reason: Schema.NullOr(Schema.String),
  error: Schema.NullOr(Failure),
  requestedAt: Schema.String,
  startedAt: Schema.NullOr(Schema.String),
  /** The version at which it started or, never started, was taken out of the queue: its place among turns. `null`: it waits. */
  placedAtVersion: Schema.NullOr(Schema.Int),
  endedAt: Schema.NullOr(Schema.String),
  messages: Schema.Array(MessageView),
  steps: Schema.Array(StepView),
  requests: Schema.Array(RequestView),
  activities: Schema.Array(Activity)
})
export type TurnView = typeof TurnView.Type

export const ThreadView = Schema.Struct({
  threadId: ThreadId,
  /** The version up to which events are folded in. 0: nothing is known of the thread yet. */
  version: Schema.Int,
  status: Schema.Literals(["active", "archived", "deleted"]),
  title: Schema.NullOr(Schema.String),
  metadata: Metadata,
  createdAt: Schema.String,
  updatedAt: Schema.String,
  activeTurnId: Schema.NullOr(TurnId),
  /** Turns that wait, in the order in which they will start. */
  queue: Schema.Array(TurnId),
  turns: Schema.Array(TurnView)
})
export type ThreadView = typeof ThreadView.Type

/** A thread in a list. */
export const ThreadSummary = Schema.Struct({
  threadId: ThreadId,
  version: Schema.Int,
  status: Schema.Literals(["active", "archived", "deleted"]),
  title: Schema.NullOr(Schema.String),
  /** `waiting`: a request is pending. */
  activity: Schema.Literals(["idle", "working", "waiting"]),
  turnCount: Schema.Int,
  messageCount: Schema.Int,
  /** The beginning of the last closed message's text, at most 200 characters. */
  preview: Schema.String,
  createdAt: Schema.String,
  updatedAt: Schema.String
})
export type ThreadSummary = typeof ThreadSummary.Type
