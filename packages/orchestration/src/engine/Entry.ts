/** What waits in the engine's queue: a command or a runtime batch, and where its answer goes. */
import type { ClientCommand, Receipt, TenantId, ThreadId } from "@spillway/contracts"
import { Deferred, type Tracer } from "effect"
import { hash } from "node:crypto"
import type { OutcomeUnknown, Unavailable } from "../EventLog.ts"
import type { CommandFailed, LeaseLost } from "../EngineError.ts"
import { threadKey } from "../threadKey.ts"
import type { CommandOrigin, RuntimeBatch, RuntimeOutcome } from "../RuntimeBatch.ts"

export interface ClientEntry {
  readonly kind: "client"
  readonly origin: CommandOrigin
  readonly command: ClientCommand
  readonly fingerprint: string
  /** When it was dispatched, on the clock of `performance.now`. */
  readonly since: number
  /** The span that it was sent within, where commands are traced. */
  readonly caller: Tracer.AnySpan | undefined
  /** It is in an append of which it is not known that nothing was committed. */
  isSent: boolean
  readonly answer: Deferred.Deferred<Receipt, Unavailable | OutcomeUnknown | CommandFailed>
}

export interface RuntimeEntry {
  readonly kind: "runtime"
  readonly batch: RuntimeBatch
  /** The lease under which the batch was handed in. */
  readonly epoch: number
  isSent: boolean
  readonly answer: Deferred.Deferred<RuntimeOutcome, Unavailable | OutcomeUnknown | CommandFailed | LeaseLost>
}

export type Entry = ClientEntry | RuntimeEntry

/** It has its answer, or has waited as long as it may. */
export const isAnswered = (entry: Entry): boolean =>
  entry.kind === "client" ? Deferred.isDoneUnsafe(entry.answer) : Deferred.isDoneUnsafe(entry.answer)

export const tenantOf = (entry: Entry): TenantId =>
  entry.kind === "client" ? entry.origin.tenant : entry.batch.tenant

export const threadOf = (entry: Entry): ThreadId =>
  entry.kind === "client" ? entry.command.threadId : entry.batch.threadId

export const keyOf = (entry: Entry): string =>
  threadKey({ tenant: tenantOf(entry), threadId: threadOf(entry) })

/** What makes a command the same command: its thread, type and payload, whatever the order of its fields. sha256, hex. */
export const fingerprintOf = ({ commandId: _, ...rest }: ClientCommand): string =>
  hash("sha256", JSON.stringify(inOrder(rest)), "hex")

/** A JSON value with the fields of every object in the order of their names. */
const inOrder = (value: unknown): unknown => {
  if (value === null || typeof value !== "object") return value
  if (Array.isArray(value)) return value.map(inOrder)
  // Without a prototype, so that a field may have any name.
  const ordered: Record<string, unknown> = Object.create(null)
  for (const key of Object.keys(value).sort()) ordered[key] = inOrder((value as Record<string, unknown>)[key])
  return ordered
}
