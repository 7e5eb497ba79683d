/**
 * Answers entries, each once: one that has waited as long as it may is answered, and stays so. What clients get is counted, and traced where a tracer is installed, before they have it: whoever has a
 * receipt finds it counted.
 */
import type { Receipt } from "@spillway/contracts"
import { Deferred, Exit } from "effect"
import type { CommandFailed, LeaseLost } from "../EngineError.ts"
import type { OutcomeUnknown, ReceiptRow, Unavailable } from "../EventLog.ts"
import type { RuntimeOutcome } from "../RuntimeBatch.ts"
import type { CommandSpans, TracedAppend } from "../tracing/commandSpans.ts"
import type { EngineMetrics } from "./engineMetrics.ts"
import { type ClientEntry, type Entry, isAnswered, type RuntimeEntry } from "./Entry.ts"

/** @param answered told of each entry that has its answer. */
export const makeAnswers = (
  metrics: EngineMetrics,
  spans: CommandSpans | null,
  answered: (entry: Entry) => void
) => ({
  /** @param append what committed it just now; `null` for what was known before, or nothing was committed for. */
  receipt: (entry: ClientEntry, row: ReceiptRow, append: TracedAppend | null = null): void => {
    if (isAnswered(entry)) return
    answered(entry)
    const receipt = receiptOf(row)
    metrics.answered(receipt.status, entry.since)
    spans?.command(entry, { _tag: "Answered", receipt }, append, timesSince(entry.since))
    Deferred.doneUnsafe(entry.answer, Exit.succeed(receipt))
  },

  outcome: (entry: RuntimeEntry, outcome: RuntimeOutcome): void => {
    answered(entry)
    Deferred.doneUnsafe(entry.answer, Exit.succeed(outcome))
  },

  leaseLost: (entry: RuntimeEntry, error: LeaseLost): void => {
    answered(entry)
    Deferred.doneUnsafe(entry.answer, Exit.fail(error))
  },

  fail: (entry: Entry, error: Unavailable | OutcomeUnknown | CommandFailed): void => {
    if (isAnswered(entry)) return
    answered(entry)
    if (entry.kind === "runtime") return void Deferred.doneUnsafe(entry.answer, Exit.fail(error))
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
