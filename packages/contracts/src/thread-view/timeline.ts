import type { MessageView, ThreadView, TurnView } from "./ThreadView.ts"

/** The turns that count: those that no later attempt replaced. */
export const standingTurns = (view: ThreadView): ReadonlyArray<TurnView> =>
  view.turns.filter((turn) => turn.retriedBy === null)

/**
 * The messages to show, in the log's order. Priming and messages that stayed empty are left out; one that is still open is
 * there, recognisable by its status.
 */
export const timeline = (view: ThreadView): ReadonlyArray<MessageView> =>
  standingTurns(view).flatMap((turn) =>
    turn.messages.filter((message) => message.role !== "system" && message.status !== "discarded")
  )
