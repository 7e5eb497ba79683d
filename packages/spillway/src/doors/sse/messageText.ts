/**
 * The text of an event stream. An event is a message with its place as `id`, which a browser sends back as `Last-Event-ID`; its `data`
 * is the event's one JSON text. JSON has no line breaks in it, so it is always one line.
 */
import type { Batch, Order } from "../following/EventQueue.ts"

/** After how many milliseconds a browser connects again. */
const RETRY = 2_000

/** Comes first, so that the answer's head leaves at once. */
export const OPENING = `retry: ${RETRY}\n\n`

/** Keeps proxies from taking a quiet stream for a dead one. Comments are read by nobody. */
export const HEARTBEAT = ": nothing new\n\n"

export const UNAVAILABLE = ": the log can't be read right now; this stream goes on by itself\n\n"

/** What the end of history is told with: it has an `id` too, so that a client that began at the tail can resume before any event. */
const caughtUpText = (place: number, { name }: Order, logId: string) =>
  `id: ${place}\nevent: caught-up\ndata: ${JSON.stringify({ [name]: place, logId })}\n\n`

export const batchText = (batch: Batch, order: Order, logId: string): string => {
  switch (batch.type) {
    case "events": {
      const first = batch.through - batch.texts.length + 1
      return batch.texts.map((text, index) => `id: ${first + index}\ndata: ${text}\n\n`).join("")
    }
    case "live":
      return batch.texts.map((text) => `event: live\ndata: ${text}\n\n`).join("")
    case "caught-up":
      return caughtUpText(batch.place, order, logId)
  }
}
