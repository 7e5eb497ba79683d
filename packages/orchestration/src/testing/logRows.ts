/** Rows for tests of a log: chained as the engine would chain them. */
import { CommandId, DEFAULT_TENANT, type LoggedEvent, type TenantId, ThreadId } from "@spillway/contracts"
import { hash } from "node:crypto"
import type { Append, EventRow, ReceiptRow, ThreadHead } from "../EventLog.ts"
import { eventHash, GENESIS_HASH, type StoredRow } from "../hash.ts"

export const NEW_THREAD: ThreadHead = { version: 0, hash: GENESIS_HASH }

const AT = "2026-11-20T12:34:56.789Z"

/** Events that set a thread's title, one after the other, behind `head`. */
export const eventsAfter = (
  head: ThreadHead,
  thread: { readonly tenant?: TenantId; readonly threadId: string },
  titles: ReadonlyArray<string>,
  envelope: Partial<EventRow> = {}
): ReadonlyArray<EventRow> => {
  let previous = head.hash
  return titles.map((title, i) => {
    const row = {
      tenant: thread.tenant ?? DEFAULT_TENANT,
      threadId: ThreadId.make(thread.threadId),
      version: head.version + i + 1,
      type: "thread.updated",
      schemaVersion: 1,
      commandId: null,
      causationId: null,
      correlationId: null,
      actor: "someone",
      at: AT,
      encoding: 0,
      data: JSON.stringify({ title }),
      ...envelope
    }
    previous = eventHash(previous, row)
    return { ...row, hash: previous }
  })
}

/** Where the thread stands after these events of it. */
export const headAfter = (rows: ReadonlyArray<EventRow>): ThreadHead => rows.at(-1) ?? NEW_THREAD

export const receiptOf = (
  commandId: string,
  threadId: string,
  answer: Pick<ReceiptRow, "status" | "version" | "rejection"> = {
    status: "accepted",
    version: 1,
    rejection: null
  }
): ReceiptRow => ({
  tenant: DEFAULT_TENANT,
  commandId: CommandId.make(commandId),
  threadId: ThreadId.make(threadId),
  fingerprint: hash("sha256", `${threadId} ${commandId}`),
  at: AT,
  ...answer
})

export const appendOf = (parts: Partial<Append>): Append => ({
  events: [],
  receipts: [],
  cursors: [],
  checkpoints: [],
  ended: [],
  epoch: null,
  ...parts
})

/** Rows as they were written, from events as they are read: test data is JSON without spaces. */
export const storedRows = (events: ReadonlyArray<LoggedEvent>): ReadonlyArray<StoredRow> =>
  events.map((event) => ({ ...event, encoding: 0, data: JSON.stringify(event.data) }))
