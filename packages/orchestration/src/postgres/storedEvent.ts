/** An event as Postgres has it, for those who read the log's table. */
import type { CommandId, LoggedEvent, TenantId, ThreadId } from "@spillway/contracts"
import { loggedEvent } from "../loggedEvent.ts"

/** The data as text: the bytes that were hashed. */
export const eventColumns = `position, version, at, schema_version, encoding, hash, tenant, thread_id, type, command_id, causation_id, correlation_id,
     actor, data::text as data`

export interface StoredEvent {
  readonly position: bigint
  readonly version: bigint
  readonly at: Date
  readonly schema_version: number
  readonly encoding: number
  readonly hash: Uint8Array
  readonly tenant: string
  readonly thread_id: string
  readonly type: string
  readonly command_id: string | null
  readonly causation_id: string | null
  readonly correlation_id: string | null
  readonly actor: string
  readonly data: string
}

export const eventOf = (row: StoredEvent): LoggedEvent =>
  loggedEvent(Number(row.position), {
    tenant: row.tenant as TenantId,
    threadId: row.thread_id as ThreadId,
    version: Number(row.version),
    type: row.type,
    schemaVersion: row.schema_version,
    commandId: row.command_id as CommandId | null,
    causationId: row.causation_id,
    correlationId: row.correlation_id,
    actor: row.actor,
    at: row.at.toISOString(),
    encoding: row.encoding,
    data: row.data,
    hash: hex(row.hash)
  })

export const hex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")
