/**
 * Answers entries, each once. What clients get is counted, and traced where a tracer is installed, before they have it: whoever has a
 * receipt finds it counted.
 */
import type { Receipt } from "@spillway/contracts"
import { Deferred, Exit } from "effect"
import type { CommandFailed, LeaseLost } from "../EngineError.ts"
import type { OutcomeUnknown, ReceiptRow, Unavailable } from "../EventLog.ts"
import type { RuntimeOutcome } from "../RuntimeBatch.ts"
import type { CommandSpans, TracedAppend } from "../tracing/commandSpans.ts"
import type { EngineMetrics } from "./engineMetrics.ts"
import type { ClientEntry, Entry, RuntimeEntry } from "./Entry.ts"

export const makeAnswers = (metrics: EngineMetrics, spans: CommandSpans | null) => ({
  /** @param append what committed it just now; `null` for what was known before, or nothing was committed for. */
  receipt: (entry: ClientEntry, row: ReceiptRow, append: TracedAppend | null = null): void => {
    const receipt = receiptOf(row)
    metrics.answered(receipt.status, entry.since)
    spans?.command(entry, { _tag: "Answered", receipt }, append, timesSince(entry.since))
    Deferred.doneUnsafe(entry.answer, Exit.succeed(receipt))
  },

  outcome: (entry: RuntimeEntry, outcome: RuntimeOutcome): void =>
    void Deferred.doneUnsafe(entry.answer, Exit.succeed(outcome)),

  leaseLost: (entry: RuntimeEntry, error: LeaseLost): void =>
    void Deferred.doneUnsafe(entry.answer, Exit.fail(error)),

  fail: (entry: Entry, error: Unavailable | OutcomeUnknown | CommandFailed): void => {
    if (entry.kind === "runtime") return void Deferred.doneUnsafe(entry.answer, Exit.fail(error))
    // After a bug of ours every entry of the batch is failed that was not answered before it.
    if (Deferred.isDoneUnsafe(entry.answer)) return
    metrics.answered("failed", entry.since)
    spans?.command(entry, { _tag: "Failed", error }, null, timesSince(entry.since))
    Deferred.doneUnsafe(entry.answer, Exit.fail(error))
  }
})

export type Answers = ReturnType<typeof makeAnswers>

/** From a moment on the clock of `performance.now` until now, in milliseconds since 1970. */
export const timesSince = (since: number): { readonly startedAt: number; readonly endedAt: number } => {
  const endedAt = Date.now()
  return { startedAt: endedAt - (performance.now() - since), endedAt }
}

/** The receipt as the client gets it, now or later. */
const receiptOf = (row: ReceiptRow): Receipt =>
  row.rejection === null
    ? { status: "accepted", commandId: row.commandId, threadId: row.threadId, version: row.version ?? 0 }
    : { status: "rejected", commandId: row.commandId, threadId: row.threadId, rejection: row.rejection }
