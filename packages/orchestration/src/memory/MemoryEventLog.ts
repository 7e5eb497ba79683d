/**
 * The log in memory: the same answers as Postgres gives, without its durability. For tests, and to show what the port
 * asks of an adapter and no more.
 */
import type { SessionId, TenantId, ThreadId } from "@spillway/contracts"
import { Context, Effect, Layer } from "effect"
import { randomUUID } from "node:crypto"
import {
  type Append,
  AppendInvalid,
  type AppendOutcome,
  type CheckpointRow,
  type CursorRow,
  EventLog,
  type EventRow,
  type ReceiptRow,
  type ThreadSnapshot
} from "../EventLog.ts"
import { threadKey } from "../threadKey.ts"
import { loggedEvent } from "../loggedEvent.ts"

/** What outlives a process: give the same store to two logs and they are two processes on one database. */
export class MemoryStore extends Context.Service<
  MemoryStore,
  {
    readonly logId: string
    /** The event at position p is at index p - 1. */
    readonly events: Array<EventRow>
    /** Indexes into `events`, by thread; the event of version v is at index v - 1. */
    readonly threads: Map<string, Array<number>>
    readonly receipts: Map<string, ReceiptRow>
    readonly cursors: Map<SessionId, CursorRow>
    /** By session, and by the number of the piece. */
    readonly checkpoints: Map<SessionId, Map<number, CheckpointRow>>
    readonly snapshots: Map<string, ThreadSnapshot>
    /** Appends of an older epoch are refused. */
    epoch: number
  }
>()("@spillway/orchestration/MemoryStore") {
  static readonly layer = Layer.sync(MemoryStore, () =>
    MemoryStore.of({
      logId: randomUUID(),
      events: [],
      threads: new Map(),
      receipts: new Map(),
      cursors: new Map(),
      checkpoints: new Map(),
      snapshots: new Map(),
      epoch: 1
    })
  )
}

export const layer = Layer.effect(
  EventLog,
  Effect.map(MemoryStore, (store) =>
    EventLog.of({
      logId: store.logId,
      append: (batch) => Effect.suspend(() => append(store, batch)),
      head: Effect.sync(() => store.events.length),
      readThread: ({ afterVersion, limit, tenant, threadId }) =>
        Effect.sync(() =>
          (store.threads.get(threadKey({ tenant, threadId })) ?? [])
            .slice(afterVersion, afterVersion + limit)
            .map((index) => eventAt(store, index))
        ),
      readLog: ({ afterPosition, limit }) =>
        Effect.sync(() =>
          store.events
            .slice(afterPosition, afterPosition + limit)
            .map((_, i) => eventAt(store, afterPosition + i))
        ),
      cursor: (sessionId) =>
        Effect.sync(() => {
          const rows: ReadonlyArray<CursorRow> = checkpointOf(store, sessionId)
          return rows.reduce(
            (last, { generation, through }) =>
              last === undefined || isBehind(last, { sessionId, generation, through })
                ? { sessionId, generation, through }
                : last,
            store.cursors.get(sessionId)
          )
        }),
      checkpoint: (sessionId) => Effect.sync(() => checkpointOf(store, sessionId)),
      snapshot: (tenant: TenantId, threadId: ThreadId) =>
        Effect.sync(() => store.snapshots.get(threadKey({ tenant, threadId }))),
      keepSnapshot: (snapshot) =>
        Effect.sync(() => {
          const kept = store.snapshots.get(threadKey(snapshot))
          if (kept !== undefined && kept.version > snapshot.version) return
          // A copy, as any database makes one: what the caller does to its state later is not stored.
          store.snapshots.set(threadKey(snapshot), structuredClone(snapshot))
        })
    })
  )
)

const checkpointOf = (store: MemoryStore["Service"], sessionId: SessionId): ReadonlyArray<CheckpointRow> =>
  [...(store.checkpoints.get(sessionId)?.values() ?? [])].toSorted((a, b) => a.ordinal - b.ordinal)

const eventAt = (store: MemoryStore["Service"], index: number) => loggedEvent(index + 1, store.events[index]!)

const append = (
  store: MemoryStore["Service"],
  batch: Append
): Effect.Effect<AppendOutcome, AppendInvalid> => {
  const refusal = obstacles(store, batch)
  if (refusal.fenced || refusal.receipts.length + refusal.taken.length + refusal.cursors.length > 0) {
    return Effect.succeed({ _tag: "Refused", ...refusal })
  }
  const invalid = whyInvalid(store, batch)
  if (invalid !== undefined) return Effect.fail(new AppendInvalid({ message: invalid }))

  const before = store.events.length
  for (const row of batch.events) {
    const key = threadKey(row)
    if (!store.threads.has(key)) store.threads.set(key, [])
    store.threads.get(key)!.push(store.events.length)
    store.events.push(row)
  }
  for (const row of batch.receipts) store.receipts.set(receiptKey(row), row)
  for (const row of batch.cursors) store.cursors.set(row.sessionId, row)
  for (const row of batch.checkpoints) {
    if (!store.checkpoints.has(row.sessionId)) store.checkpoints.set(row.sessionId, new Map())
    store.checkpoints.get(row.sessionId)!.set(row.ordinal, row)
  }
  for (const sessionId of batch.ended) store.checkpoints.delete(sessionId)
  return Effect.succeed({ _tag: "Committed", position: batch.events.length === 0 ? before : before + 1 })
}

const obstacles = (store: MemoryStore["Service"], batch: Append) => ({
  fenced: batch.epoch !== null && batch.epoch < store.epoch,
  receipts: batch.receipts.flatMap((row) => store.receipts.get(receiptKey(row)) ?? []),
  taken: batch.events.flatMap((row) => {
    const index = store.threads.get(threadKey(row))?.[row.version - 1]
    if (index === undefined) return []
    const { tenant, threadId, version, hash } = store.events[index]!
    return [{ tenant, threadId, version, position: index + 1, hash }]
  }),
  cursors: batch.cursors.flatMap((row) => {
    const stored = store.cursors.get(row.sessionId)
    return stored !== undefined && isBehind(row, stored) ? [stored] : []
  })
})

const isBehind = (row: CursorRow, stored: CursorRow): boolean =>
  row.generation < stored.generation || (row.generation === stored.generation && row.through < stored.through)

/** Nothing stands in the way of these rows but themselves. */
const whyInvalid = (store: MemoryStore["Service"], batch: Append): string | undefined => {
  const next = new Map<string, number>()
  for (const row of batch.events) {
    const key = threadKey(row)
    const version = next.get(key) ?? (store.threads.get(key)?.length ?? 0) + 1
    if (row.version !== version)
      return `Version ${row.version} of ${row.threadId} does not follow ${version - 1}.`
    next.set(key, version + 1)
    if (!isIsoTime(row.at)) return `${row.at} is not a time in ISO 8601, UTC, with milliseconds.`
    try {
      JSON.parse(row.data)
    } catch {
      return `The data of version ${version} of ${row.threadId} is not JSON.`
    }
  }
  return new Set(batch.receipts.map(receiptKey)).size < batch.receipts.length
    ? "The append names a command twice."
    : undefined
}

const isIsoTime = (at: string): boolean => {
  const time = new Date(at)
  return !Number.isNaN(time.getTime()) && time.toISOString() === at
}

const receiptKey = (row: ReceiptRow): string => `${row.tenant} ${row.commandId}`
