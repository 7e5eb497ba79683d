/**
 * Where spans of a turn stand. Trace and span ids are derived from what the spans are of, so that every process that has to do with a
 * turn knows them without being told: the one that took the command, the one that runs the session, and the one that goes on after a
 * restart.
 */
import type { CommandId, StepId, TenantId, ThreadId, ToolCallId, TurnId } from "@spillway/contracts"
import { hash, randomBytes } from "node:crypto"

/** As in W3C Trace Context: 32 and 16 hex digits. */
export interface SpanContext {
  readonly traceId: string
  readonly spanId: string
}

/** The turn's own span, and with it the turn's trace. `logId`: two databases may know turns of the same names. */
export const turnContext = (
  logId: string,
  thread: { readonly tenant: TenantId; readonly threadId: ThreadId },
  turnId: TurnId
): SpanContext => {
  const digest = hash("sha256", `${logId} ${thread.tenant} ${thread.threadId} ${turnId}`, "hex")
  return { traceId: digest.slice(0, 32), spanId: digest.slice(32, 48) }
}

export const commandContext = (traceId: string, commandId: CommandId): SpanContext =>
  contextIn(traceId, "command", commandId)

/** The span of a turn's session. */
export const sessionContext = (traceId: string, generation: number): SpanContext =>
  contextIn(traceId, "session", String(generation))

export const stepContext = (traceId: string, stepId: StepId): SpanContext =>
  contextIn(traceId, "step", stepId)

export const toolCallContext = (traceId: string, toolCallId: ToolCallId): SpanContext =>
  contextIn(traceId, "tool-call", toolCallId)

/** A span that nobody has to find. In a trace of its own unless told. */
export const randomContext = (traceId: string = randomBytes(16).toString("hex")): SpanContext => ({
  traceId,
  spanId: randomBytes(8).toString("hex")
})

/** A span in the trace of a turn. `id` names it among those of its kind. */
const contextIn = (traceId: string, kind: string, id: string): SpanContext => ({
  traceId,
  spanId: hash("sha256", `${traceId} ${kind} ${id}`, "hex").slice(0, 16)
})
