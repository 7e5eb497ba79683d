import type { MessageId, TurnId } from "@spillway/contracts"
import type { EvolveTable } from "../Decision.ts"
import { lookup, put } from "../record.ts"
import type { ActiveTurn, ThreadState, TurnState } from "../ThreadState.ts"

type Turns = ThreadState["turns"]

const changeTurn = (turns: Turns, turnId: TurnId, change: Partial<TurnState>): Turns => {
  const turn = lookup(turns, turnId)
  return turn === undefined ? turns : put(turns, turnId, { ...turn, ...change })
}

const started = (turnId: TurnId): ActiveTurn => ({
  turnId,
  interruptRequested: false,
  session: null,
  openStep: null,
  nextStepIndex: 0,
  openMessages: {},
  openToolCalls: {},
  pendingRequests: {},
  untakenRequests: {},
  steering: []
})

const ended =
  (status: "completed" | "failed" | "interrupted") =>
  (state: ThreadState, { turnId }: { readonly turnId: TurnId }): Partial<ThreadState> => ({
    turns: changeTurn(state.turns, turnId, { status }),
    ...(state.active?.turnId === turnId
      ? { active: null, closedToolCalls: {} }
      : { queue: state.queue.filter((waiting) => waiting !== turnId) })
  })

const messageKnown = (state: ThreadState, messageId: MessageId): ThreadState["messages"] =>
  put(state.messages, messageId, true)

export const evolveTurn: EvolveTable<
  | "thread.turn-start-requested"
  | "thread.message-sent"
  | "thread.turn-queued"
  | "thread.turn-started"
  | "thread.turn-steered"
  | "thread.turn-interrupt-requested"
  | "thread.turn-completed"
  | "thread.turn-failed"
  | "thread.turn-interrupted"
> = {
  "thread.turn-start-requested": (state, { assistantDeliveryMode, choice, messageId, retryOf, turnId }) => {
    const turns = put(state.turns, turnId, {
      status: "queued",
      mode: assistantDeliveryMode,
      messageId,
      choice,
      retryOf,
      retriedBy: null
    })
    return { turns: retryOf === null ? turns : changeTurn(turns, retryOf, { retriedBy: turnId }) }
  },
  "thread.message-sent": (state, { messageId }) => ({ messages: messageKnown(state, messageId) }),
  "thread.turn-queued": (state, { front, turnId }) => ({
    queue: front ? [turnId, ...state.queue] : [...state.queue, turnId]
  }),
  "thread.turn-started": (state, { turnId }) => ({
    turns: changeTurn(state.turns, turnId, { status: "active" }),
    active: started(turnId),
    queue: state.queue.filter((waiting) => waiting !== turnId)
  }),
  "thread.turn-steered": (state, { assistantDeliveryMode, choice, messageId, nextTurnId, turnId }) =>
    state.active?.turnId === turnId
      ? {
          active: {
            ...state.active,
            steering: [
              ...state.active.steering,
              { messageId, nextTurnId, mode: assistantDeliveryMode, choice }
            ]
          }
        }
      : {},
  "thread.turn-interrupt-requested": (state, { turnId }) =>
    state.active?.turnId === turnId ? { active: { ...state.active, interruptRequested: true } } : {},
  "thread.turn-completed": ended("completed"),
  "thread.turn-failed": ended("failed"),
  "thread.turn-interrupted": ended("interrupted")
}
