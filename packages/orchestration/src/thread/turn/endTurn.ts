/**
 * The end of a turn: whatever is open in it closes with it, in one commit, and the next turn starts. Nothing in here can be
 * refused: a turn that could not end would keep its thread busy for ever.
 */
import type { Failure, ThreadEvent, TurnOutcome } from "@spillway/contracts"
import { boundedFailure, boundedText } from "../bounded.ts"
import { messageClosed } from "../message/closeMessage.ts"
import { valuesOf } from "../record.ts"
import type { ActiveTurn, ThreadState } from "../ThreadState.ts"
import { toolCallCutOff } from "../tool-call/toolCallEvents.ts"
import { turnInterrupted, turnQueued, turnStarted, turnStartRequested } from "./turnEvents.ts"

export type Ending =
  | { readonly outcome: "completed" | "interrupted"; readonly reason: string }
  | { readonly outcome: "failed"; readonly reason: string; readonly error: Failure }

/** How the turn really ends: one that was asked to stop is interrupted, whatever its runtime says. */
export const endingOf = (
  active: ActiveTurn,
  asked: { readonly outcome: TurnOutcome; readonly reason: string; readonly error: Failure | null }
): Ending => {
  const reason = boundedText(asked.reason)
  const byRuntime = asked.outcome !== "interrupted" || asked.reason === "aborted"
  if (active.interruptRequested && byRuntime) {
    return { outcome: "interrupted", reason: "interrupted" }
  }
  if (asked.outcome !== "failed") return { outcome: asked.outcome, reason }
  return { outcome: "failed", reason, error: boundedFailure(asked.error ?? unexplained) }
}

const unexplained: Failure = {
  code: "RuntimeFailed",
  message: "The runtime ended the turn as failed and gave no reason. Retry the turn."
}

const closingStatus = { completed: "completed", interrupted: "interrupted", failed: "error" } as const

/** Closes tool calls, messages, the step, requests, the session, and then the turn. */
export const endTurn = (active: ActiveTurn, ending: Ending): ReadonlyArray<ThreadEvent> => {
  const { turnId } = active
  const error = ending.outcome === "failed" ? ending.error : null
  const cutOff: Failure = error ?? {
    code: "Interrupted",
    message:
      ending.outcome === "interrupted"
        ? "The turn was interrupted before this call finished."
        : "The turn ended before this call finished."
  }
  const events: Array<ThreadEvent> = [
    ...valuesOf(active.openToolCalls).map((call) => toolCallCutOff(turnId, call, cutOff)),
    ...valuesOf(active.openMessages).map((message) =>
      messageClosed(turnId, message, closingStatus[ending.outcome], error)
    )
  ]
  if (active.openStep !== null) {
    events.push({
      type: "thread.step-closed",
      data: { turnId, stepId: active.openStep, usage: {}, finishReason: "aborted", responseId: null }
    })
  }
  for (const { requestId } of valuesOf(active.pendingRequests)) {
    events.push({
      type: "thread.request-withdrawn",
      data: { requestId, turnId, reason: `turn-${ending.outcome}` }
    })
  }
  if (active.session !== null) {
    const { generation, sessionId } = active.session
    events.push({ type: "thread.session-closed", data: { sessionId, generation, reason: "ended" } })
  }
  events.push(turnEnd(active, ending))
  return events
}

const turnEnd = ({ turnId }: ActiveTurn, ending: Ending): ThreadEvent => {
  if (ending.outcome === "failed") {
    return { type: "thread.turn-failed", data: { turnId, reason: ending.reason, error: ending.error } }
  }
  return ending.outcome === "completed"
    ? { type: "thread.turn-completed", data: { turnId, reason: ending.reason } }
    : turnInterrupted(turnId, ending.reason)
}

/** Ends the active turn. Steering messages that no step took become turns at the end of the queue; its first turn starts. */
export const endActiveTurn = (state: ThreadState, ending: Ending): ReadonlyArray<ThreadEvent> => {
  const { active, queue } = state
  if (active === null) return []
  const leftOver = active.steering.flatMap(
    ({ choice, messageId, mode, nextTurnId }): ReadonlyArray<ThreadEvent> => [
      turnStartRequested({
        turnId: nextTurnId,
        messageId,
        assistantDeliveryMode: mode,
        choice,
        retryOf: null
      }),
      turnQueued(nextTurnId, "left-over")
    ]
  )
  const next = queue[0] ?? active.steering[0]?.nextTurnId
  return [...endTurn(active, ending), ...leftOver, ...(next === undefined ? [] : [turnStarted(next)])]
}
