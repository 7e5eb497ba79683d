/**
 * A view with the text that is on its way to the log. What nothing lies over keeps its identity, and so does what did not change since
 * the last time.
 */
import type { MessageView, ThreadView, TurnView } from "@spillway/contracts"
import { type LiveOverlay, type LivePart, withOverlay } from "@spillway/contracts/plain"

type LiveParts = ReadonlyMap<string, LivePart>

/** How these parts, of this message, were shown last. */
const shownMessages = new WeakMap<LiveParts, { readonly of: MessageView; readonly shown: MessageView }>()
const shownTurns = new WeakMap<TurnView, TurnView>()

export const laidOver = (overlay: LiveOverlay, view: ThreadView): ThreadView => {
  if (overlay.messages.size === 0) return view
  const turns = view.turns.map((turn) => turnLaidOver(overlay, turn))
  return turns.every((turn, i) => turn === view.turns[i]) ? view : { ...view, turns }
}

const turnLaidOver = (overlay: LiveOverlay, turn: TurnView): TurnView => {
  // Text of an ended turn is in the log.
  if (turn.status !== "active") return turn
  const messages = turn.messages.map((message) => messageLaidOver(overlay, message))
  if (messages.every((message, i) => message === turn.messages[i])) return turn
  const last = shownTurns.get(turn)
  if (last !== undefined && messages.every((message, i) => message === last.messages[i])) return last
  const shown = { ...turn, messages }
  shownTurns.set(turn, shown)
  return shown
}

const messageLaidOver = (overlay: LiveOverlay, message: MessageView): MessageView => {
  const live = overlay.messages.get(message.messageId)
  if (live === undefined) return message
  const last = shownMessages.get(live)
  if (last?.of === message) return last.shown
  const parts = withOverlay(overlay, message)
  const shown = parts === message.parts ? message : { ...message, parts }
  shownMessages.set(live, { of: message, shown })
  return shown
}
