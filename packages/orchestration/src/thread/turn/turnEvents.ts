/** The events that several of a turn's decisions write. */
import type { DataOf, EventOf, MessageId, TurnId } from "@spillway/contracts"

export const turnStartRequested = (
  data: DataOf<"thread.turn-start-requested">
): EventOf<"thread.turn-start-requested"> => ({ type: "thread.turn-start-requested", data })

export const messageSent = (
  turnId: TurnId,
  message: { readonly messageId: MessageId; readonly role?: "user" | "system"; readonly text: string }
): EventOf<"thread.message-sent"> => ({
  type: "thread.message-sent",
  data: { messageId: message.messageId, turnId, role: message.role ?? "user", text: message.text }
})

export const turnQueued = (
  turnId: TurnId,
  because: DataOf<"thread.turn-queued">["because"],
  front = false
): EventOf<"thread.turn-queued"> => ({ type: "thread.turn-queued", data: { turnId, because, front } })

export const turnStarted = (turnId: TurnId): EventOf<"thread.turn-started"> => ({
  type: "thread.turn-started",
  data: { turnId }
})

export const turnInterrupted = (turnId: TurnId, reason: string): EventOf<"thread.turn-interrupted"> => ({
  type: "thread.turn-interrupted",
  data: { turnId, reason }
})
