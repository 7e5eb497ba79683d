/** Commands of a client, with ids that no other test uses. */
import { type ClientCommandOf, CommandId, MessageId, RequestId, ThreadId, TurnId } from "@spillway/contracts"

let counter = 0
const unique = (what: string): string => `${what}-${++counter}`

export const newThreadId = () => ThreadId.make(unique("thread"))
const commandId = () => CommandId.make(unique("command"))

export const createThread = (threadId: ThreadId): ClientCommandOf<"thread.create"> => ({
  type: "thread.create",
  commandId: commandId(),
  threadId
})

export const startTurn = (
  threadId: ThreadId,
  but: Partial<ClientCommandOf<"thread.turn.start">> = {}
): ClientCommandOf<"thread.turn.start"> => ({
  type: "thread.turn.start",
  commandId: commandId(),
  threadId,
  turnId: TurnId.make(unique("turn")),
  messageId: MessageId.make(unique("message")),
  text: "hello",
  ...but
})

export const respondTo = (
  threadId: ThreadId,
  requestId: string
): ClientCommandOf<"thread.request.respond"> => ({
  type: "thread.request.respond",
  commandId: commandId(),
  threadId,
  requestId: RequestId.make(requestId),
  response: { type: "approval", decision: "approve" }
})
