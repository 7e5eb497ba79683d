/**
 * The one order in which people and models see a thread: turns in the order in which they left the queue, those that wait behind them
 * as they will start, and in each turn the message that asked for it, then the log's order.
 */
import type { MessageView, ThreadView, TurnView } from "./ThreadView.ts"

/** The turns that count, in order: those that no later attempt replaced. */
export const standingTurns = (view: ThreadView): ReadonlyArray<TurnView> =>
  view.turns
    .filter((turn) => turn.retriedBy === null)
    .sort((a, b) => {
      if (a.placedAtVersion !== null && b.placedAtVersion !== null)
        return a.placedAtVersion - b.placedAtVersion
      if (a.placedAtVersion !== null) return -1
      if (b.placedAtVersion !== null) return 1
      return view.queue.indexOf(a.turnId) - view.queue.indexOf(b.turnId)
    })

/** What was said in a turn. */
export interface StandingTurn {
  readonly turn: TurnView
  readonly messages: ReadonlyArray<MessageView>
}

/**
 * The standing turns with their messages. A message stands with the turn that it asks for, also where it was sent to steer the one before,
 * which ended without taking it.
 */
export const conversation = (view: ThreadView): ReadonlyArray<StandingTurn> => {
  const turns = standingTurns(view)
  const asks = new Map(turns.map((turn) => [turn.messageId, turn]))
  return turns.map((turn) => {
    const messages = turn.messages.filter(({ messageId }) => (asks.get(messageId) ?? turn) === turn)
    if (turn.messages.some(({ messageId }) => messageId === turn.messageId)) return { turn, messages }
    const asked = messageOf(view, turn)
    return { turn, messages: asked === undefined ? messages : [asked, ...messages] }
  })
}

/** The message that asked for a turn, wherever it stands; `undefined` in a view that does not reach back to it. */
const messageOf = (view: ThreadView, { messageId }: TurnView): MessageView | undefined => {
  for (const turn of view.turns) {
    const message = turn.messages.find((message) => message.messageId === messageId)
    if (message !== undefined) return message
  }
  return undefined
}

/**
 * The messages to show. Priming and messages that stayed empty are left out; one that is still open is there, recognisable by its status.
 */
export const timeline = (view: ThreadView): ReadonlyArray<MessageView> =>
  conversation(view).flatMap(({ messages }) =>
    messages.filter((message) => message.role !== "system" && message.status !== "discarded")
  )
