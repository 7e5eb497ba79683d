/** Everything that can have happened to a thread. A missing case is a compile error in every consumer. */
import { Schema } from "effect"
import * as Message from "./events/MessageEvents.ts"
import * as Request from "./events/RequestEvents.ts"
import * as Session from "./events/SessionEvents.ts"
import * as Thread from "./events/ThreadEvents.ts"
import * as ToolCall from "./events/ToolCallEvents.ts"
import * as Turn from "./events/TurnEvents.ts"

export const ThreadEvent = Schema.Union([
  Thread.ThreadCreated,
  Thread.ThreadUpdated,
  Thread.ThreadArchived,
  Thread.ThreadUnarchived,
  Thread.ThreadDeleted,
  Thread.ActivityRecorded,
  Turn.MessageSent,
  Turn.TurnStartRequested,
  Turn.TurnQueued,
  Turn.TurnStarted,
  Turn.TurnSteered,
  Turn.TurnInterruptRequested,
  Turn.TurnCompleted,
  Turn.TurnFailed,
  Turn.TurnInterrupted,
  Session.SessionOpened,
  Session.SessionBound,
  Session.SessionClosed,
  Session.StepOpened,
  Session.StepClosed,
  Message.MessageOpened,
  Message.MessageSegmentAppended,
  Message.MessageClosed,
  ToolCall.ToolCallOpened,
  ToolCall.ToolCallOutputAppended,
  ToolCall.ToolCallClosed,
  Request.RequestOpened,
  Request.RequestResolved,
  Request.RequestTaken,
  Request.RequestWithdrawn
]).pipe(Schema.toTaggedUnion("type"))
export type ThreadEvent = typeof ThreadEvent.Type
export type ThreadEventType = ThreadEvent["type"]

/** One member of the union by its type. */
export type EventOf<T extends ThreadEventType> = Extract<ThreadEvent, { readonly type: T }>

/** What an event of this type carries. */
export type DataOf<T extends ThreadEventType> = EventOf<T>["data"]

export { isTurnEnd } from "./isTurnEnd.ts"

/** The shape of an event's data as written today. Raised together with an upcaster from the shape before. */
export const SCHEMA_VERSION = 1
