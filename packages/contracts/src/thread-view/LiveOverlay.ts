/**
 * Text that is on its way to the log, laid over a view. An overlay never decides anything: without it the same view comes a
 * little later. It is a value; a reconnecting client starts a new one.
 */
import type { ClientEvent } from "../Envelope.ts"
import type { MessageId } from "../Ids.ts"
import { isTurnEnd } from "../isTurnEnd.ts"
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
 * Lays a frame over. What overlaps text already there is trimmed, a frame beyond a gap is ignored, and so is one for what the view
 * does not hold open.
 */
export const overlayFrame = (overlay: LiveOverlay, view: ThreadView, frame: LiveFrame): LiveOverlay => {
  const durable = durableLength(view, frame)
  if (durable === undefined) return overlay
  const key = keyOf(frame)
  const parts = overlay.messages.get(frame.messageId)
  const known = parts?.get(key)
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

/** Drops what an event made durable for good: the text of a message that closed, and everything of a turn that ended. */
export const overlayEvent = (overlay: LiveOverlay, event: ClientEvent): LiveOverlay => {
  if (overlay.messages.size === 0) return overlay
  if (isTurnEnd(event)) return emptyOverlay
  if (event.type !== "thread.message-closed") return overlay
  const live = overlay.messages.get(event.data.messageId)
  if (live === undefined) return overlay
  // A tool may run on when the message that called it is closed.
  const outputs = [...live].filter(([, part]) => part.kind === "tool-output")
  const messages = new Map(overlay.messages)
  if (outputs.length === 0) messages.delete(event.data.messageId)
  else messages.set(event.data.messageId, new Map(outputs))
  return { messages }
}

/** A message's parts as a person should see them now: the durable text, then what is live beyond it. */
export const withOverlay = (overlay: LiveOverlay, message: MessageView): ReadonlyArray<Part> => {
  const live = overlay.messages.get(message.messageId)
  if (live === undefined) return message.parts
  const parts = message.parts.map((part): Part => {
    if (part.type === "tool-call") {
      const output =
        part.status === "open" ? live.get(keyOf({ kind: "tool-output", partId: part.partId })) : undefined
      return output === undefined ? part : { ...part, output: joined(part.output, output) }
    }
    const more =
      message.status === "open" ? live.get(keyOf({ kind: part.type, partId: part.partId })) : undefined
    return more === undefined ? part : { ...part, text: joined(part.text, more) }
  })
  if (message.status !== "open") return parts
  for (const { kind, offset, partId, text } of live.values()) {
    if (
      (kind === "text" || kind === "reasoning") &&
      offset === 0 &&
      !message.parts.some((part) => part.partId === partId)
    ) {
      parts.push({ type: kind, partId, text })
    }
  }
  return parts
}

/** One part may be written under two kinds: a tool's arguments, then its output. */
const keyOf = ({ kind, partId }: Pick<LiveFrame, "kind" | "partId">): string => `${kind}:${partId}`

const joined = (durable: string, live: LivePart): string =>
  live.offset > durable.length ? durable : durable + live.text.slice(durable.length - live.offset)

/** How much of what the frame adds to is in the view; `undefined` where nothing can be added any more, or not yet. */
const durableLength = (view: ThreadView, frame: LiveFrame): number | undefined => {
  const turn = view.turns.findLast((turn) => turn.turnId === frame.turnId)
  const message = turn?.messages.findLast((message) => message.messageId === frame.messageId)
  const part = message?.parts.find((part) => part.partId === frame.partId)
  if (frame.kind === "tool-output") {
    return part?.type === "tool-call" && part.status === "open" ? part.output.length : undefined
  }
  if (message?.status !== "open") return undefined
  if (part === undefined) return 0
  return part.type === frame.kind ? part.text.length : undefined
}
