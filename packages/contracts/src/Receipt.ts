/** The answer to a client's command, after commit. `accepted` has no other meaning than: committed. */
import { Schema } from "effect"
import { CommandId, ThreadId } from "./Ids.ts"
import { Rejection } from "./Rejection.ts"

export const Accepted = Schema.Struct({
  status: Schema.Literal("accepted"),
  commandId: CommandId,
  threadId: ThreadId,
  /** The thread's version of the last event that the command caused. */
  version: Schema.Int
})

export const Rejected = Schema.Struct({
  status: Schema.Literal("rejected"),
  commandId: CommandId,
  threadId: ThreadId,
  rejection: Rejection
})

export const Receipt = Schema.Union([Accepted, Rejected]).pipe(Schema.toTaggedUnion("status"))
export type Receipt = typeof Receipt.Type
