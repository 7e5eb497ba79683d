/** A stored row as its readers get it: the data parsed, and in today's shape. */
import type { LoggedEvent } from "@spillway/contracts"
import type { EventRow } from "./EventLog.ts"
import { upcast } from "./upcast.ts"

export const loggedEvent = (position: number, { data, encoding: _, ...envelope }: EventRow): LoggedEvent =>
  ({
    ...envelope,
    position,
    data: upcast(envelope.type, envelope.schemaVersion, JSON.parse(data))
  }) as LoggedEvent
