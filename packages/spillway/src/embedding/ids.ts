/** Ids of a service's calls: made for it, and the same ones for the same command. */
import { CommandId, MessageId, ThreadId, TurnId } from "@spillway/contracts"
import { createHash, randomUUID } from "node:crypto"

export const newCommandId = (): CommandId => CommandId.make(randomUUID())

/** What a command names that its caller did not: the same each time the command is sent, so that it stays the same command. */
export const threadIdFor = (commandId: string): ThreadId => ThreadId.make(digest("thread", commandId))

export const turnIdFor = (commandId: string): TurnId => TurnId.make(digest("turn", commandId))

export const messageIdFor = (commandId: string): MessageId => MessageId.make(digest("message", commandId))

const digest = (what: string, commandId: string): string =>
  createHash("sha256").update(`${what} ${commandId}`).digest("hex").slice(0, 32)
