/**
 * Identifiers: printable ASCII without spaces, chosen by whoever creates the thing. Clients name their threads, turns, messages and
 * commands, in at most CLIENT_ID_LIMIT characters; ids made from those (a step's, a message's) may be longer. Runtimes' ids are
 * turned into text on the way in (an id of `0` is `"0"`).
 */
import { Schema } from "effect"

const Id = Schema.String.check(
  Schema.isPattern(/^[\x21-\x7e]{1,600}$/u, {
    expected: "an id of printable ASCII characters without spaces"
  })
)

export const TenantId = Id.pipe(Schema.brand("TenantId"))
export type TenantId = typeof TenantId.Type

export const ThreadId = Id.pipe(Schema.brand("ThreadId"))
export type ThreadId = typeof ThreadId.Type

export const TurnId = Id.pipe(Schema.brand("TurnId"))
export type TurnId = typeof TurnId.Type

export const MessageId = Id.pipe(Schema.brand("MessageId"))
export type MessageId = typeof MessageId.Type

export const PartId = Id.pipe(Schema.brand("PartId"))
export type PartId = typeof PartId.Type

export const ToolCallId = Id.pipe(Schema.brand("ToolCallId"))
export type ToolCallId = typeof ToolCallId.Type

export const RequestId = Id.pipe(Schema.brand("RequestId"))
export type RequestId = typeof RequestId.Type

export const CommandId = Id.pipe(Schema.brand("CommandId"))
export type CommandId = typeof CommandId.Type

export const SessionId = Id.pipe(Schema.brand("SessionId"))
export type SessionId = typeof SessionId.Type

/** `turnId#index`, the index 0-based: one model call inside a turn. */
export const StepId = Schema.String.check(
  Schema.isPattern(/^[\x21-\x7e]{1,600}#\d+$/u, { expected: "a step id of the form turnId#index" })
).pipe(Schema.brand("StepId"))
export type StepId = typeof StepId.Type

/** The longest id that a client may give, in characters. */
export const CLIENT_ID_LIMIT = 128

/** The tenant of everything that does not name one. */
export const DEFAULT_TENANT = TenantId.make("default")

/** The id of a turn's step; `index` counts from 0. */
export const stepIdOf = (turnId: TurnId, index: number): StepId => `${turnId}#${index}` as StepId

/** The 0-based index of a step inside its turn. */
export const stepIndexOf = (stepId: StepId): number => Number(stepId.slice(stepId.lastIndexOf("#") + 1))

/**
 * The id of the assistant message that a step writes. A step whose model call is tried again opens another message:
 * `attempt` counts them from 0.
 */
export const assistantMessageIdOf = (stepId: StepId, attempt: number): MessageId =>
  (attempt === 0 ? `${stepId}/message` : `${stepId}/message.${attempt}`) as MessageId

/** The one session of a thread; its generation counts the claims. */
export const sessionIdOf = (tenant: TenantId, threadId: ThreadId): SessionId =>
  `${tenant}/${threadId}` as SessionId
