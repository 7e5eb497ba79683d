/**
 * The JSON of what goes out through any door. An event and a live frame are serialised once, whatever the number of subscribers: the
 * text is kept as long as the value itself. The order of keys is fixed, so that an event has the same bytes however it was come by.
 */
import type { LiveFrame, LoggedEvent } from "@spillway/contracts"

const clientTexts = new WeakMap<LoggedEvent, string>()
const loggedTexts = new WeakMap<LoggedEvent, string>()
const liveTexts = new WeakMap<LiveFrame, string>()

/** As a reader of the thread gets it: without position and hash, which tell of other threads. */
export const clientEventText = (event: LoggedEvent): string => {
  const known = clientTexts.get(event)
  if (known !== undefined) return known
  const text = JSON.stringify({
    type: event.type,
    threadId: event.threadId,
    version: event.version,
    at: event.at,
    actor: event.actor,
    data: event.data,
    commandId: event.commandId,
    causationId: event.causationId,
    correlationId: event.correlationId,
    tenant: event.tenant,
    schemaVersion: event.schemaVersion
  })
  clientTexts.set(event, text)
  return text
}

/** As a reader of the whole log gets it. */
export const loggedEventText = (event: LoggedEvent): string => {
  const known = loggedTexts.get(event)
  if (known !== undefined) return known
  const text = `{"position":${event.position},${clientEventText(event).slice(1, -1)},"hash":"${event.hash}"}`
  loggedTexts.set(event, text)
  return text
}

export const liveFrameText = (frame: LiveFrame): string => {
  const known = liveTexts.get(frame)
  if (known !== undefined) return known
  const text = JSON.stringify(frame)
  liveTexts.set(frame, text)
  return text
}
