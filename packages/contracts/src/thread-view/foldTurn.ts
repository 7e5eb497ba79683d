import type { ClientEvent } from "../Envelope.ts"
import type { MessageId, PartId } from "../Ids.ts"
import type { ThreadEventType } from "../ThreadEvent.ts"
import type { ViewDraft } from "./draft.ts"

type TurnEvent = Exclude<
  ClientEvent,
  {
    readonly type:
      | Extract<ThreadEventType, `thread.message-${"opened" | "segment-appended" | "closed"}`>
      | Extract<ThreadEventType, `thread.tool-call-${string}`>
      | "thread.created"
      | "thread.updated"
      | "thread.archived"
      | "thread.unarchived"
      | "thread.deleted"
  }
>

/** The part that holds all of a user's or system's text. */
export const userPartId = (messageId: MessageId): PartId => `${messageId}/text` as PartId

/** Turns, their steps, their requests and what was remarked in them. */
export const foldTurnEvent = (draft: ViewDraft, event: TurnEvent): void => {
  const { view } = draft
  switch (event.type) {
    case "thread.turn-start-requested": {
      const { assistantDeliveryMode, choice, messageId, retryOf, turnId } = event.data
      draft.addTurn({
        turnId,
        messageId,
        status: "queued",
        interruptRequested: false,
        assistantDeliveryMode,
        choice,
        retryOf,
        retriedBy: null,
        reason: null,
        error: null,
        requestedAt: event.at,
        startedAt: null,
        placedAtVersion: null,
        endedAt: null,
        messages: [],
        steps: [],
        requests: [],
        activities: []
      })
      const retried = retryOf === null ? undefined : draft.turn(retryOf)
      if (retried === undefined) return
      retried.retriedBy = turnId
      // The new attempt answers the same message, so that is shown with it.
      const turn = draft.turn(turnId)!
      const asked = retried.messages.find((message) => message.messageId === messageId)
      if (asked !== undefined) draft.push(turn, "messages", { ...asked, turnId })
      return
    }
    case "thread.message-sent": {
      const { messageId, role, text, turnId } = event.data
      const turn = draft.turn(turnId)
      if (turn === undefined) return
      return draft.push(turn, "messages", {
        messageId,
        turnId,
        stepId: null,
        role,
        status: "completed",
        actor: event.actor,
        runtime: null,
        model: null,
        parts: [{ type: "text", partId: userPartId(messageId), text }],
        error: null,
        openedAt: event.at,
        openedAtVersion: event.version,
        closedAt: event.at
      })
    }
    case "thread.turn-queued":
      view.queue = event.data.front ? [event.data.turnId, ...view.queue] : [...view.queue, event.data.turnId]
      return
    case "thread.turn-started": {
      const turn = draft.turn(event.data.turnId)
      view.activeTurnId = event.data.turnId
      view.queue = view.queue.filter((turnId) => turnId !== event.data.turnId)
      if (turn === undefined) return
      turn.status = "active"
      turn.startedAt = event.at
      turn.placedAtVersion = event.version
      return
    }
    case "thread.turn-interrupt-requested": {
      const turn = draft.turn(event.data.turnId)
      if (turn !== undefined) turn.interruptRequested = true
      return
    }
    case "thread.turn-completed":
    case "thread.turn-failed":
    case "thread.turn-interrupted": {
      const turn = draft.turn(event.data.turnId)
      if (view.activeTurnId === event.data.turnId) view.activeTurnId = null
      view.queue = view.queue.filter((turnId) => turnId !== event.data.turnId)
      if (turn === undefined) return
      turn.status = event.type.slice("thread.turn-".length) as "completed" | "failed" | "interrupted"
      turn.reason = event.data.reason
      turn.error = event.type === "thread.turn-failed" ? event.data.error : null
      turn.placedAtVersion ??= event.version
      turn.endedAt = event.at
      return
    }
    case "thread.step-opened": {
      const turn = draft.turn(event.data.turnId)
      if (turn === undefined) return
      return draft.push(turn, "steps", {
        stepId: event.data.stepId,
        status: "open",
        usage: {},
        finishReason: null,
        responseId: null
      })
    }
    case "thread.step-closed": {
      const turn = draft.turn(event.data.turnId)
      const step = turn && draft.find(turn, "steps", (step) => step.stepId === event.data.stepId)
      if (step === undefined) return
      step.status = "closed"
      step.usage = event.data.usage
      step.finishReason = event.data.finishReason
      step.responseId = event.data.responseId
      return
    }
    case "thread.request-opened": {
      const { kind, questions, requestId, stepId, title, toolCallId, turnId } = event.data
      const turn = draft.turn(turnId)
      if (turn === undefined) return
      return draft.push(turn, "requests", {
        requestId,
        turnId,
        stepId,
        toolCallId,
        kind,
        title,
        questions,
        status: "pending",
        response: null,
        openedAt: event.at
      })
    }
    case "thread.request-resolved":
    case "thread.request-withdrawn": {
      const turn = draft.turn(event.data.turnId)
      const request =
        turn && draft.find(turn, "requests", (request) => request.requestId === event.data.requestId)
      if (request === undefined) return
      request.status = event.type === "thread.request-resolved" ? "resolved" : "withdrawn"
      if (event.type === "thread.request-resolved") request.response = event.data.response
      return
    }
    case "thread.activity-recorded": {
      const turn = event.data.turnId === null ? undefined : draft.turn(event.data.turnId)
      if (turn === undefined) return
      draft.push(turn, "activities", event.data.activity)
      const activity = event.data.activity
      if (activity.type !== "message-metadata") return
      const message = draft.find(turn, "messages", (message) => message.messageId === activity.messageId)
      if (message !== undefined) message.model = activity.model
      return
    }
    // A session, and what it takes, is how a turn runs and not what a person sees of it; a steer is seen as its message.
    case "thread.session-opened":
    case "thread.session-bound":
    case "thread.session-closed":
    case "thread.request-taken":
    case "thread.turn-steered":
      return
  }
}
