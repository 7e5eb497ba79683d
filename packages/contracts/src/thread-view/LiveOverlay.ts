/**
 * Text that is on its way to the log, laid over a view. An overlay never decides anything: without it the same view comes a
 * little later. It is a value; a reconnecting client starts a new one.
 */
import type { ClientEvent } from "../Envelope.ts"
import type { MessageId } from "../Ids.ts"
import type { LiveFrame } from "../LiveFrame.ts"
import type { MessageView, Part, ThreadView } from "./ThreadView.ts"

/** Text known of a part so far, whole, by message and then by `kind:partId`. */
export interface LiveOverlay {
  readonly messages: ReadonlyMap<MessageId, ReadonlyMap<string, LivePart>>
}

export interface LivePart {
  readonly partId: LiveFrame["partId"]
  readonly kind: LiveFrame["kind"]
  readonly offset: number
  readonly text: string
  readonly name: string | undefined
}

export const emptyOverlay: LiveOverlay = { messages: new Map() }

/**
 * Lays a frame over. What overlaps text already there is trimmed, a frame beyond a gap is ignored, and so is one for a message that
 * the view does not hold open.
 */
export const overlayFrame = (overlay: LiveOverlay, view: ThreadView, frame: LiveFrame): LiveOverlay => {
  const message = openMessage(view, frame)
  if (message === undefined) return overlay
  const key = `${frame.kind}:${frame.partId}`
  const parts = overlay.messages.get(frame.messageId)
  const known = parts?.get(key)
  const durable = durableLength(message, frame)
  const end = known === undefined ? durable : Math.max(durable, known.offset + known.text.length)
  if (frame.offset > end || frame.offset + frame.text.length <= end) return overlay
  // What the overlay holds is kept only from where it still meets the new text.
  const base = known ?? { offset: frame.offset, text: "" }
  const joins = frame.offset >= base.offset && frame.offset <= base.offset + base.text.length
  const offset = joins ? base.offset : frame.offset
  const text = joins ? base.text.slice(0, frame.offset - base.offset) + frame.text : frame.text
  const next = new Map(parts)
  next.set(key, { partId: frame.partId, kind: frame.kind, offset, text, name: frame.name ?? known?.name })
  const messages = new Map(overlay.messages)
  messages.set(frame.messageId, next)
  return { messages }
}

/** Drops what an event made durable for good: the overlay of a message that closed. */
export const overlayEvent = (overlay: LiveOverlay, event: ClientEvent): LiveOverlay => {
  if (event.type !== "thread.message-closed" || !overlay.messages.has(event.data.messageId)) return overlay
  const messages = new Map(overlay.messages)
  messages.delete(event.data.messageId)
  return { messages }
}

/** A message's parts as a person should see them now: the durable text, then what is live beyond it. */
export const withOverlay = (overlay: LiveOverlay, message: MessageView): ReadonlyArray<Part> => {
  const live = overlay.messages.get(message.messageId)
  if (live === undefined || message.status !== "open") return message.parts
  const seen = new Set<string>()
  const parts = message.parts.map((part): Part => {
    if (part.type === "tool-call") {
      const output = live.get(`tool-output:${part.partId}`)
      seen.add(`tool-output:${part.partId}`).add(`tool-input:${part.partId}`)
      return output === undefined ? part : { ...part, output: joined(part.output, output) }
    }
    const more = live.get(`${part.type}:${part.partId}`)
    seen.add(`${part.type}:${part.partId}`)
    return more === undefined ? part : { ...part, text: joined(part.text, more) }
  })
  for (const [key, part] of live) {
    if (seen.has(key) || part.offset !== 0) continue
    if (part.kind === "text" || part.kind === "reasoning") {
      parts.push({ type: part.kind, partId: part.partId, text: part.text })
    }
  }
  return parts
}

const joined = (durable: string, live: LivePart): string => {
  const end = live.offset + live.text.length
  return live.offset > durable.length || end <= durable.length ? durable : durable + live.text.slice(durable.length - live.offset)
}

const openMessage = (view: ThreadView, frame: LiveFrame): MessageView | undefined => {
  const turn = view.turns.findLast((turn) => turn.turnId === frame.turnId)
  return turn?.messages.findLast((message) => message.messageId === frame.messageId && message.status === "open")
}

const durableLength = (message: MessageView, frame: LiveFrame): number => {
  const part = message.parts.find((part) => part.partId === frame.partId)
  if (part === undefined) return 0
  if (part.type === "tool-call") return frame.kind === "tool-output" ? part.output.length : Number.POSITIVE_INFINITY
  return part.text.length
}
