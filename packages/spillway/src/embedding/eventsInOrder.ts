/** Events as every door gives them: the keys in one order, so that their JSON has the same bytes. */
import type { ClientEvent, LoggedEvent } from "@spillway/contracts"

/** As a reader of its thread gets it: without the position, which would tell of other threads' traffic. */
export const clientEvent = ({
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
}: LoggedEvent): ClientEvent =>
  // A union over type and data, which stay together.
  ({
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
  }) as ClientEvent

/** As a reader of the whole log gets it. */
export const logEvent = (event: LoggedEvent): LoggedEvent => ({
  position: event.position,
  ...clientEvent(event),
  hash: event.hash
})
