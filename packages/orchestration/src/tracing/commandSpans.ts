/**
 * The spans of client commands, and of the appends that commit them. They are made once the answer is known: while a command is under
 * way, nothing of its trace exists but the time at which it began.
 *
 * A command that has to do with a turn stands in that turn's trace, below the turn; whatever it was sent within is linked. Any other
 * one stands below what it was sent within, or alone.
 */
import type { Receipt, TurnId } from "@spillway/contracts"
import type { DecidedBatch } from "../engine/decideBatch.ts"
import type { ClientEntry } from "../engine/Entry.ts"
import { commandContext, randomContext, type SpanContext, turnContext } from "./spanContext.ts"
import type { Tracing } from "./Tracing.ts"

/** As many commands are named by the span of their append. */
const MAX_LINKS = 128

/** A committed batch, as the spans of its commands refer to it. */
export interface TracedAppend {
  readonly context: SpanContext
  /** Where each command's span stands. */
  readonly commands: ReadonlyMap<ClientEntry, Place>
  readonly isShared: boolean
}

interface Place {
  readonly context: SpanContext
  readonly parent: SpanContext | null
  readonly turnId: TurnId | undefined
  readonly sampled: boolean
}

export type Answer =
  | { readonly _tag: "Answered"; readonly receipt: Receipt }
  | { readonly _tag: "Failed"; readonly error: { readonly _tag: string; readonly message: string } }

export const makeCommandSpans = (tracing: Tracing, logId: string) => {
  const placeOf = (entry: ClientEntry, turnId: TurnId | undefined): Place => {
    const { command, origin } = entry
    if (turnId !== undefined) {
      const parent = turnContext(logId, { tenant: origin.tenant, threadId: command.threadId }, turnId)
      const context = commandContext(parent.traceId, command.commandId)
      return { context, parent, turnId, sampled: tracing.isSampled(context.traceId) }
    }
    const parent = callerOf(entry)
    const context = randomContext(parent?.traceId)
    return { context, parent, turnId, sampled: entry.caller?.sampled ?? tracing.isSampled(context.traceId) }
  }

  return {
    /** The span of a committed append, if client commands are in it. `position`: that of its first event. */
    append: (
      batch: DecidedBatch,
      position: number | undefined,
      times: { readonly startedAt: number; readonly endedAt: number }
    ): TracedAppend | null => {
      const turns = turnsOf(batch)
      const commands = new Map<ClientEntry, Place>()
      for (const decided of batch.decided) {
        if (decided.entry.kind === "client") {
          commands.set(decided.entry, placeOf(decided.entry, turns.get(decided.entry)))
        }
      }
      const [first] = commands.values()
      if (first === undefined) return null
      const isShared = batch.decided.length > 1
      const alone = isShared ? null : first
      const context = randomContext(alone?.context.traceId)
      tracing.end({
        name: "spillway.append",
        kind: "internal",
        context,
        parent: alone?.context ?? null,
        sampled: alone?.sampled ?? tracing.isSampled(context.traceId),
        ...times,
        attributes: {
          "spillway.append.commands": commands.size,
          "spillway.append.runtime_batches": batch.decided.length - commands.size,
          "spillway.append.events": batch.events.length,
          "spillway.append.position": position
        },
        links: isShared ? [...commands.values()].slice(0, MAX_LINKS).map(({ context }) => context) : []
      })
      return { context, commands, isShared }
    },

    /** The span of an answered command. `append`: what committed it, where that was now. */
    command: (
      entry: ClientEntry,
      answer: Answer,
      append: TracedAppend | null,
      times: { readonly startedAt: number; readonly endedAt: number }
    ): void => {
      const { command, origin } = entry
      const { context, parent, sampled, turnId } = append?.commands.get(entry) ?? placeOf(entry, undefined)
      if (!sampled) return
      const caller = callerOf(entry)
      const receipt = answer._tag === "Answered" ? answer.receipt : null
      tracing.end({
        name: "spillway.command",
        kind: "internal",
        context,
        parent,
        sampled,
        ...times,
        attributes: {
          "spillway.command.type": command.type,
          "spillway.command_id": command.commandId,
          "spillway.tenant": origin.tenant,
          "spillway.thread_id": command.threadId,
          "spillway.turn_id": turnId,
          "spillway.correlation_id": origin.correlationId,
          "spillway.command.outcome": receipt?.status ?? "failed",
          "spillway.rejection": receipt?.status === "rejected" ? receipt.rejection._tag : undefined
        },
        links: [
          ...(caller !== null && caller.traceId !== context.traceId ? [caller] : []),
          ...(append?.isShared === true ? [append.context] : [])
        ],
        error: answer._tag === "Failed" ? { code: answer.error._tag, message: answer.error.message } : null
      })
    }
  }
}

export type CommandSpans = ReturnType<typeof makeCommandSpans>

/** The span that a command was sent within: a request to a door, a span of the program that embeds the engine. */
const callerOf = ({ caller }: ClientEntry): SpanContext | null =>
  caller === undefined ? null : { traceId: caller.traceId, spanId: caller.spanId }

/**
 * The turn that each command of a batch has to do with: the one that it asks for, else the first that its events name. Threads' own
 * commands have none, also where they end a turn; nor have commands without events, which were refused or repeat another.
 */
const turnsOf = ({ decided, events }: DecidedBatch): ReadonlyMap<ClientEntry, TurnId> => {
  const byCommand = new Map<string, TurnId>()
  for (const event of events) {
    if (event.commandId === null || !("turnId" in event.data) || event.data.turnId === null) continue
    const key = `${event.tenant} ${event.commandId}`
    if (event.type === "thread.turn-start-requested" || !byCommand.has(key)) {
      byCommand.set(key, event.data.turnId)
    }
  }
  const turns = new Map<ClientEntry, TurnId>()
  for (const one of decided) {
    if (!("kept" in one) || !one.kept) continue
    const { command, origin } = one.entry
    const turnId = byCommand.get(`${origin.tenant} ${command.commandId}`)
    if (turnId !== undefined && /^thread\.(turn|request)\./.test(command.type)) turns.set(one.entry, turnId)
  }
  return turns
}
