/**
 * Decides a drained batch. Pure but for the hashes: nothing here is committed, and the states it works on are speculation that
 * ends with the batch.
 */
import {
  EVENT_DATA_LIMIT,
  type LoggedEvent,
  reject,
  type Rejection,
  SCHEMA_VERSION,
  type SessionId,
  type ThreadEvent
} from "@spillway/contracts"
import { Result } from "effect"
import type { Append, CheckpointRow, CursorRow, EventRow, ReceiptRow } from "../EventLog.ts"
import { eventHash } from "../hash.ts"
import { decide } from "../thread/decide.ts"
import { evolve } from "../thread/evolve.ts"
import type { ThreadState } from "../thread/ThreadState.ts"
import type { RuntimeOutcome } from "../RuntimeBatch.ts"
import { type ClientEntry, type Entry, keyOf, type RuntimeEntry, tenantOf, threadOf } from "./Entry.ts"
import type { CommittedThread } from "./ThreadCache.ts"

/** A decided entry, and what to answer once the batch is committed. */
export type Decided =
  | {
      readonly entry: ClientEntry
      readonly outcome: ReceiptRow
      /** Whether the receipt is kept: not the one that says that its id belongs to another command. */
      readonly kept: boolean
    }
  | { readonly entry: RuntimeEntry; readonly outcome: RuntimeOutcome }
  /** `index` is the command of a batch that could not be decided. */
  | { readonly entry: Entry; readonly outcome: "poisoned"; readonly defect: unknown; readonly index?: number }

export interface DecidedBatch {
  readonly decided: ReadonlyArray<Decided>
  readonly append: Append
  /** What the append's rows become once positions are known. */
  readonly events: ReadonlyArray<Omit<LoggedEvent, "position">>
  /** The threads as they stand once the batch is committed. */
  readonly threads: ReadonlyMap<string, CommittedThread>
}

export const decideBatch = (
  entries: ReadonlyArray<Entry>,
  committed: ReadonlyMap<string, CommittedThread>,
  at: string
): DecidedBatch => {
  const threads = new Map(committed)
  const rows: Array<EventRow> = []
  const events: Array<Omit<LoggedEvent, "position">> = []
  const receipts = new Map<string, ReceiptRow>()
  const cursors = new Map<string, CursorRow>()
  const checkpoints: Array<CheckpointRow> = []
  const ended: Array<SessionId> = []
  let epoch: number | null = null

  /** Adds an entry's events behind its thread, with their data as JSON. */
  const add = (
    entry: Entry,
    decision: ReadonlyArray<ThreadEvent>,
    data: ReadonlyArray<string>,
    state: ThreadState
  ): void => {
    const key = keyOf(entry)
    let { hash } = threads.get(key)!
    let version = threads.get(key)!.state.version
    decision.forEach((event, i) => {
      const envelope = {
        tenant: tenantOf(entry),
        threadId: threadOf(entry),
        version: ++version,
        schemaVersion: SCHEMA_VERSION,
        ...causeOf(entry),
        at
      }
      const row = { ...envelope, type: event.type, encoding: 0, data: data[i]! }
      hash = eventHash(hash, row)
      rows.push({ ...row, hash })
      events.push({ ...envelope, type: event.type, data: event.data, hash })
      // Whoever closed it: the session itself, recovery, or a client that deletes the thread.
      if (event.type === "thread.session-closed") ended.push(event.data.sessionId)
    })
    threads.set(key, { state, hash })
  }

  const decideClient = (entry: ClientEntry): Decided => {
    const { command, fingerprint, origin } = entry
    const row = {
      tenant: origin.tenant,
      commandId: command.commandId,
      threadId: command.threadId,
      fingerprint,
      at
    }
    const key = `${origin.tenant} ${command.commandId}`
    const earlier = receipts.get(key)
    if (earlier !== undefined) {
      return {
        entry,
        outcome: earlier.fingerprint === fingerprint ? earlier : conflictReceipt(entry, at),
        kept: false
      }
    }
    const before = threads.get(keyOf(entry))!.state
    const decision = decide(before, command)
    const data = Result.flatMap(decision, dataOf)
    if (Result.isSuccess(decision) && Result.isSuccess(data)) {
      add(entry, decision.success, data.success, decision.success.reduce(evolve, before))
    }
    const refusal = Result.isFailure(data) ? data.failure : undefined
    const outcome: ReceiptRow =
      refusal === undefined
        ? { ...row, status: "accepted", version: threads.get(keyOf(entry))!.state.version, rejection: null }
        : { ...row, status: "rejected", version: null, rejection: refusal }
    receipts.set(key, outcome)
    return { entry, outcome, kept: true }
  }

  const decideRuntime = (entry: RuntimeEntry): Decided => {
    const { checkpoint = [], commands, cursor } = entry.batch
    let state = threads.get(keyOf(entry))!.state
    if (cursor !== null) {
      const sooner = cursors.get(cursor.sessionId)
      if (
        cursor.generation < state.generation ||
        (sooner !== undefined && isBehind(cursor, sooner)) ||
        // Nobody would come to fetch it.
        (checkpoint.length > 0 && state.active?.session?.generation !== cursor.generation)
      ) {
        return { entry, outcome: { _tag: "Superseded" } }
      }
    }
    const decided: Array<ThreadEvent> = []
    const written: Array<string> = []
    for (const [index, command] of commands.entries()) {
      try {
        const decision = decide(state, command)
        if (Result.isFailure(decision)) return refused(entry, index, decision.failure)
        const data = dataOf(decision.success)
        if (Result.isFailure(data)) return refused(entry, index, data.failure)
        for (const event of decision.success) {
          state = evolve(state, event)
          decided.push(event)
        }
        written.push(...data.success)
      } catch (defect) {
        return { entry, outcome: "poisoned", defect, index }
      }
    }
    add(entry, decided, written, state)
    if (cursor !== null) {
      for (const piece of checkpoint) checkpoints.push({ ...cursor, ...piece })
      // What is in the checkpoint moves the cursor by itself.
      if (commands.length > 0) cursors.set(cursor.sessionId, cursor)
    }
    // The oldest lease decides: what was handed in under a lost one must not ride along.
    epoch = epoch === null ? entry.epoch : Math.min(epoch, entry.epoch)
    return { entry, outcome: { _tag: "Committed", state } }
  }

  const decided = entries.map((entry): Decided => {
    try {
      return entry.kind === "client" ? decideClient(entry) : decideRuntime(entry)
    } catch (defect) {
      return { entry, outcome: "poisoned", defect }
    }
  })
  return {
    decided,
    append: {
      events: rows,
      receipts: [...receipts.values()],
      cursors: [...cursors.values()],
      checkpoints,
      ended,
      epoch
    },
    events,
    threads
  }
}

/** What is stored of each event. */
const dataOf = (events: ReadonlyArray<ThreadEvent>): Result.Result<ReadonlyArray<string>, Rejection> => {
  const data = events.map((event) => JSON.stringify(event.data))
  const isTooLarge = (text: string) =>
    text.length * 3 > EVENT_DATA_LIMIT && Buffer.byteLength(text) > EVENT_DATA_LIMIT
  return data.some(isTooLarge)
    ? Result.fail(
        reject(
          "CommandTooLarge",
          `An event's data may hold ${EVENT_DATA_LIMIT} bytes of JSON. Send less at once.`
        )
      )
    : Result.succeed(data)
}

const refused = (entry: RuntimeEntry, index: number, rejection: Rejection): Decided => ({
  entry,
  outcome: { _tag: "Refused", index, rejection }
})

export const isBehind = (cursor: CursorRow, stored: CursorRow): boolean =>
  cursor.generation < stored.generation ||
  (cursor.generation === stored.generation && cursor.through < stored.through)

/** The same id for something else: answered, and not remembered, since the id belongs to the first command. */
export const conflictReceipt = (entry: ClientEntry, at: string): ReceiptRow => ({
  tenant: entry.origin.tenant,
  commandId: entry.command.commandId,
  threadId: entry.command.threadId,
  fingerprint: entry.fingerprint,
  status: "rejected",
  version: null,
  rejection: reject(
    "CommandIdConflict",
    `The command id ${entry.command.commandId} was used for another command. Give each command an id of its own.`
  ),
  at
})

const causeOf = (entry: Entry) =>
  entry.kind === "client"
    ? {
        commandId: entry.command.commandId,
        causationId: entry.command.commandId,
        correlationId: entry.origin.correlationId,
        actor: entry.origin.actor
      }
    : {
        commandId: null,
        causationId: entry.batch.cursor && `${entry.batch.cursor.sessionId}@${entry.batch.cursor.generation}`,
        correlationId: null,
        actor: entry.batch.actor
      }
