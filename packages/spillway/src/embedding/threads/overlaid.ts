import { type LiveOverlay, type ThreadView, withOverlay } from "@spillway/contracts"

/** The view with the text that is not in the log yet. What has none keeps its identity. */
export const overlaid = (view: ThreadView, overlay: LiveOverlay): ThreadView => {
  if (overlay.messages.size === 0) return view
  const turns = view.turns.map((turn) =>
    turn.messages.some(({ messageId }) => overlay.messages.has(messageId))
      ? {
          ...turn,
          messages: turn.messages.map((message) =>
            overlay.messages.has(message.messageId)
              ? { ...message, parts: withOverlay(overlay, message) }
              : message
          )
        }
      : turn
  )
  return { ...view, turns }
}
