/**
 * Brings the data of an event that was written in an older shape to today's, on the way out of the log; the stored event
 * is never rewritten. One entry per type and older `schemaVersion`, each to the shape that followed it.
 */
import { SCHEMA_VERSION } from "@spillway/contracts"

type Upcaster = (data: unknown) => unknown

/** By `type@schemaVersion`. Every event is in its first shape so far. */
const upcasters: Readonly<Record<string, Upcaster>> = {}

export const upcast = (type: string, schemaVersion: number, data: unknown): unknown => {
  let current = data
  for (let version = schemaVersion; version < SCHEMA_VERSION; version++) {
    const next = upcasters[`${type}@${version}`]
    if (next !== undefined) current = next(current)
  }
  return current
}
