/** What a client may ask for. The tenant and the actor come from the connection, never from the command. */
import { Schema } from "effect"
import { DeliveryMode } from "../DeliveryMode.ts"
import { Metadata } from "../events/ThreadEvents.ts"
import * as Ids from "../Ids.ts"
import { COMMAND_TEXT_LIMIT } from "../Limits.ts"
import { RequestResponse } from "../Request.ts"
import { IfBusy, RuntimeChoice } from "../Turn.ts"

const limit = Schema.isMaxLength(Ids.CLIENT_ID_LIMIT, {
  expected: `an id of at most ${Ids.CLIENT_ID_LIMIT} characters`
})
const CommandId = Ids.CommandId.check(limit)
const ThreadId = Ids.ThreadId.check(limit)
const TurnId = Ids.TurnId.check(limit)
const MessageId = Ids.MessageId.check(limit)

const Text = Schema.String.check(
  Schema.isMaxLength(COMMAND_TEXT_LIMIT, { expected: `a text of at most ${COMMAND_TEXT_LIMIT} characters` })
)
const Title = Schema.String.check(Schema.isMaxLength(500, { expected: "a title of at most 500 characters" }))

const command = <const T extends string, const F extends Schema.Struct.Fields>(type: T, fields: F) =>
  Schema.Struct({ type: Schema.Literal(type), commandId: CommandId, threadId: ThreadId, ...fields })

export const ThreadCreate = command("thread.create", {
  title: Schema.optionalKey(Title),
  metadata: Schema.optionalKey(Metadata)
})

export const ThreadUpdate = command("thread.update", {
  title: Schema.optionalKey(Title),
  metadata: Schema.optionalKey(Metadata)
})

export const ThreadArchive = command("thread.archive", {})
export const ThreadUnarchive = command("thread.unarchive", {})
export const ThreadDelete = command("thread.delete", {})

export const TurnStart = command("thread.turn.start", {
  turnId: TurnId,
  messageId: MessageId,
  /** `system` primes the model and stays out of the timeline. Absent: `user`. */
  role: Schema.optionalKey(Schema.Literals(["user", "system"])),
  text: Text,
  /** Absent: DEFAULT_DELIVERY_MODE. */
  assistantDeliveryMode: Schema.optionalKey(DeliveryMode),
  choice: Schema.optionalKey(RuntimeChoice),
  /** Absent: `queue`. */
  ifBusy: Schema.optionalKey(IfBusy)
})

/** On a queued turn it removes it; on the active one it ends it `interrupted`. */
export const TurnInterrupt = command("thread.turn.interrupt", { turnId: TurnId })

/** Tries `retryOf` again, as the new turn `turnId`, in the mode of the turn it retries. */
export const TurnRetry = command("thread.turn.retry", { turnId: TurnId, retryOf: TurnId })

/** A message for the running turn `turnId`; left over, it becomes the turn `nextTurnId`. */
export const TurnSteer = command("thread.turn.steer", {
  turnId: TurnId,
  messageId: MessageId,
  nextTurnId: TurnId,
  text: Text
})

export const RequestRespond = command("thread.request.respond", {
  requestId: Ids.RequestId,
  response: RequestResponse
})

export const ClientCommand = Schema.Union([
  ThreadCreate,
  ThreadUpdate,
  ThreadArchive,
  ThreadUnarchive,
  ThreadDelete,
  TurnStart,
  TurnInterrupt,
  TurnRetry,
  TurnSteer,
  RequestRespond
]).pipe(Schema.toTaggedUnion("type"))
export type ClientCommand = typeof ClientCommand.Type
export type ClientCommandType = ClientCommand["type"]
export type ClientCommandOf<T extends ClientCommandType> = Extract<ClientCommand, { readonly type: T }>
