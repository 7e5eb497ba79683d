/** Small pieces of evidence, for tests of the counters. */
import type { LoggedEvent, ThreadEvent } from "@spillway/contracts"
import { eventHash, GENESIS_HASH, logHash, type StoredRow } from "@spillway/orchestration"
import type { Evidence } from "../evidence/Evidence.ts"
import type { LogEvidence } from "../evidence/readLog.ts"
import { turnTexts } from "../evidence/turnTexts.ts"
import type { RuntimeCall } from "../ledger/readTexts.ts"

type Given = Pick<ThreadEvent, "type"> & { readonly data: unknown; readonly commandId?: string }

/** A log of one thread, `t`, as it is stored. */
export const logOf = (given: ReadonlyArray<Given>): LogEvidence => {
  let hash = GENESIS_HASH
  let head = { position: 0, hash: GENESIS_HASH }
  const rows = given.map(({ commandId = null, data, type }, i): StoredRow => {
    const position = i + 1
    const envelope = {
      tenant: "default",
      threadId: "t",
      version: position,
      type,
      schemaVersion: 1,
      commandId,
      causationId: commandId,
      correlationId: null,
      actor: "client",
      at: "2026-01-01T00:00:00.000Z",
      encoding: 0,
      data: JSON.stringify(data)
    } as unknown as StoredRow
    hash = eventHash(hash, envelope)
    head = { position, hash: logHash(head.hash, position, hash) }
    return { ...envelope, position, hash }
  })
  const events = rows.map(
    ({ data, encoding: _, ...row }) => ({ ...row, data: JSON.parse(data) as unknown }) as LoggedEvent
  )
  return {
    rows,
    events,
    byThread: new Map([["t", events]]),
    head,
    receipts: new Map(),
    cursors: new Map(),
    checkpointed: new Set()
  }
}

/** A runtime's call in process 0: pieces of one text, each with when it was offered and when it was taken. */
export const callOf = (
  pieces: ReadonlyArray<readonly [text: string, offeredAt: number, takenAt: number | null]>,
  returnedAt: number | null = null,
  signs: ReadonlyArray<number> = []
): RuntimeCall => ({
  process: 0,
  turnId: "turn",
  at: 0,
  returnedAt,
  signs,
  offers: pieces.map(([text, offeredAt, takenAt]) => ({ item: "text 0", text, offeredAt, takenAt }))
})

export const segment = (offset: number, text: string): Given => ({
  type: "thread.message-segment-appended",
  data: {
    turnId: "turn",
    messageId: "turn#0/message",
    stepId: "turn#0",
    partId: "0",
    kind: "text",
    offset,
    text
  }
})

export const evidenceOf = (given: Partial<Evidence>): Evidence => {
  const log = given.log ?? logOf([])
  const calls = given.calls ?? []
  return {
    commands: new Map(),
    calls,
    texts: turnTexts(calls, log),
    serverKills: [],
    log,
    subscribers: [],
    logSubscribers: [],
    views: [],
    rowDifferences: [],
    stuck: [],
    ...given
  }
}
