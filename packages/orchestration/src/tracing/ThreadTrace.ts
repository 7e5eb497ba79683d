/**
 * The spans of a thread's turns, folded from its events: an event that ends something ends its span. Spans, attributes and what is
 * never in them are in `docs/tracing.md`.
 *
 * Pure but for its own state. Times are the events' own, so that a trace is the same whoever folds it, and when.
 */
import { type DataOf, isTurnEnd, type LoggedEvent, type TurnId } from "@spillway/contracts"
import { chatSpan, OpenStep, sessionSpan, toolSpan, turnSpan, type TurnTrace } from "./turnSpans.ts"
import { turnContext } from "./spanContext.ts"
import type { EndedSpan, Tracing } from "./Tracing.ts"

export class ThreadTrace {
  /** The version of the last event taken in. */
  version: number
  private readonly logId: string
  private readonly tracing: Pick<Tracing, "content" | "isSampled">
  /** It was folded from the thread's first event on. */
  private readonly isWhole: boolean
  /** Turns that have not ended. */
  private readonly turns = new Map<TurnId, TurnTrace>()
  private active: TurnTrace | undefined

  /** @param after the version behind which it begins. */
  constructor(logId: string, tracing: Pick<Tracing, "content" | "isSampled">, after = 0) {
    this.logId = logId
    this.tracing = tracing
    this.version = after
    this.isWhole = after === 0
  }

  /** Whether all that the event may end began here. */
  covers(event: LoggedEvent): boolean {
    if (this.isWhole || event.type === "thread.turn-start-requested") return true
    if (event.type === "thread.session-closed") return this.active !== undefined
    const turnId = turnIdOf(event)
    return turnId === undefined || this.turns.has(turnId)
  }

  /** Takes the thread's next event in; the spans that it ends. `provider`: who answers the model call of a step that it opens. */
  advance(event: LoggedEvent, provider: string | undefined): ReadonlyArray<EndedSpan> {
    this.version = event.version
    if (event.type === "thread.turn-start-requested") {
      this.request(event, event.data)
      return []
    }
    const turnId = turnIdOf(event)
    const turn = turnId === undefined ? this.active : this.turns.get(turnId)
    if (turn === undefined) return []
    if (event.type === "thread.turn-started") this.active = turn
    const spans = this.advanceTurn(turn, event, provider)
    if (isTurnEnd(event)) {
      this.turns.delete(turn.turnId)
      if (this.active === turn) this.active = undefined
    }
    return spans
  }

  private request(event: LoggedEvent, data: DataOf<"thread.turn-start-requested">): void {
    const { assistantDeliveryMode, retryOf, turnId } = data
    const context = turnContext(this.logId, event, turnId)
    this.turns.set(turnId, {
      turnId,
      tenant: event.tenant,
      threadId: event.threadId,
      commandId: event.commandId,
      mode: assistantDeliveryMode,
      retryOf: retryOf === null ? null : turnContext(this.logId, event, retryOf),
      context,
      sampled: this.tracing.isSampled(context.traceId),
      content: this.tracing.content,
      requestedAt: timeOf(event),
      startedAt: null,
      session: null,
      step: null,
      toolCalls: new Map(),
      asked: [],
      events: []
    })
  }

  private advanceTurn(
    turn: TurnTrace,
    event: LoggedEvent,
    provider: string | undefined
  ): ReadonlyArray<EndedSpan> {
    const at = timeOf(event)
    switch (event.type) {
      case "thread.message-sent":
        if (turn.content) turn.asked.push({ role: event.data.role, text: event.data.text })
        return []
      case "thread.turn-started":
        turn.startedAt = at
        return []
      case "thread.turn-steered":
        return note(turn, event, { "spillway.message_id": event.data.messageId })
      case "thread.turn-interrupt-requested":
        return note(turn, event, {})
      case "thread.request-opened": {
        const { kind, requestId, toolCallId } = event.data
        return note(turn, event, {
          "spillway.request_id": requestId,
          "spillway.request.kind": kind,
          ...(toolCallId === null ? {} : { "gen_ai.tool.call.id": toolCallId })
        })
      }
      case "thread.request-resolved":
      case "thread.request-withdrawn":
        return note(turn, event, { "spillway.request_id": event.data.requestId })
      case "thread.session-opened":
        turn.session = { generation: event.data.generation, runtime: event.data.runtime, openedAt: at }
        return []
      case "thread.session-closed": {
        const spans = turn.session === null ? [] : [sessionSpan(turn, turn.session, event.data.reason, at)]
        turn.session = null
        return spans
      }
      case "thread.step-opened":
        turn.step = new OpenStep(turn, event.data.stepId, at, provider ?? null)
        return []
      case "thread.message-opened":
        turn.step?.opened(event.data)
        return []
      case "thread.message-segment-appended":
        if (turn.content) turn.step?.wrote(event.data)
        return []
      case "thread.message-closed":
        turn.step?.answered(event.data, at)
        return []
      case "thread.activity-recorded":
        turn.step?.remarked(event.data.activity, at)
        return []
      case "thread.step-closed": {
        const spans = turn.step === null ? [] : [chatSpan(turn, turn.step, event.data, at)]
        turn.step = null
        return spans
      }
      case "thread.tool-call-opened":
        turn.toolCalls.set(event.data.toolCallId, { ...event.data, openedAt: at })
        if (turn.content) turn.step?.called(event.data)
        return []
      case "thread.tool-call-closed": {
        const call = turn.toolCalls.get(event.data.toolCallId)
        turn.toolCalls.delete(event.data.toolCallId)
        return call === undefined ? [] : [toolSpan(turn, call, event.data, at)]
      }
      case "thread.turn-completed":
        return [turnSpan(turn, { outcome: "completed", reason: event.data.reason, error: null }, at)]
      case "thread.turn-failed": {
        const { error, reason } = event.data
        return [turnSpan(turn, { outcome: "failed", reason, error }, at)]
      }
      case "thread.turn-interrupted":
        return [turnSpan(turn, { outcome: "interrupted", reason: event.data.reason, error: null }, at)]
      default:
        return []
    }
  }
}

/** What else happened to a turn is an event of its span, under the name that it has in the log. */
const note = (
  turn: TurnTrace,
  event: LoggedEvent,
  attributes: Readonly<Record<string, unknown>>
): ReadonlyArray<EndedSpan> => {
  turn.events.push({ name: event.type, at: timeOf(event), attributes })
  return []
}

const timeOf = (event: LoggedEvent): number => Date.parse(event.at)

const turnIdOf = (event: LoggedEvent): TurnId | undefined =>
  "turnId" in event.data && event.data.turnId !== null ? event.data.turnId : undefined
