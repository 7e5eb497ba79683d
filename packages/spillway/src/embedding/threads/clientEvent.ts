/** An event as a reader of its thread gets it, with the keys in the order of every door: its JSON has the same bytes. */
import type { ClientEvent, LoggedEvent } from "@spillway/contracts"

export const clientEvent = ({ position: _, hash: _hash, ...event }: LoggedEvent): ClientEvent => {
  const {
    actor,
    at,
    causationId,
    commandId,
    correlationId,
    data,
    schemaVersion,
    tenant,
    threadId,
    type,
    version
  } = event
  // The union of events is one over type and data, which stay together.
  return {
    type,
    threadId,
    version,
    at,
    actor,
    data,
    commandId,
    causationId,
    correlationId,
    tenant,
    schemaVersion
  } as ClientEvent
}
