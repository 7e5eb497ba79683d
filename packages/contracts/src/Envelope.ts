/** What surrounds an event: fixed from the first event on, since hashes are taken over it. */
import { Schema } from "effect"
import { CommandId, TenantId, ThreadId } from "./Ids.ts"
import { ThreadEvent } from "./ThreadEvent.ts"

const envelope = {
  tenant: TenantId,
  threadId: ThreadId,
  /** Place in the thread's stream; dense, from 1. */
  version: Schema.Int,
  schemaVersion: Schema.Int,
  /** The client command it came from; `null` for what a runtime or recovery caused. */
  commandId: Schema.NullOr(CommandId),
  /** What led to it: the id of a command, or `sessionId@generation` of a session. */
  causationId: Schema.NullOr(Schema.String),
  /** Joins everything that one intention caused, across threads: the caller's own id. */
  correlationId: Schema.NullOr(Schema.String),
  /** Who asked: the authenticated caller, `runtime:<name>`, or `spillway` for recovery. */
  actor: Schema.String,
  /** When it was decided; ISO 8601, UTC, milliseconds. */
  at: Schema.String
}

const withEnvelope = <F extends Schema.Struct.Fields, E extends Schema.Struct.Fields>(
  member: Schema.Struct<F>,
  extra: E
) => Schema.Struct({ ...envelope, ...extra, ...member.fields })

/**
 * An event as the log holds it. `position` is its place in the whole log, dense from 1; `hash` (hex, sha256) covers the
 * thread's event before it and this one's stored bytes.
 */
export type LoggedEvent = ThreadEvent & {
  readonly position: number
  readonly hash: string
} & ClientEnvelope

/** An event as a reader of one thread gets it: without the position, which would tell of other threads' traffic. */
export type ClientEvent = ThreadEvent & ClientEnvelope

export interface ClientEnvelope extends Schema.Schema.Type<Schema.Struct<typeof envelope>> {}

export const ClientEvent = Schema.Union(ThreadEvent.members).mapMembers((members) =>
  members.map((member) => withEnvelope(member as Schema.Struct<Schema.Struct.Fields>, {}))
) as unknown as Schema.Codec<ClientEvent>

export const LoggedEvent = Schema.Union(ThreadEvent.members).mapMembers((members) =>
  members.map((member) =>
    withEnvelope(member as Schema.Struct<Schema.Struct.Fields>, { position: Schema.Int, hash: Schema.String })
  )
) as unknown as Schema.Codec<LoggedEvent>
