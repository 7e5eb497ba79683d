/** Why a rebuild could not be done. Every message says what it means and what to do. */
import type { LoggedEvent } from "@spillway/contracts"
import { Schema } from "effect"

/** The projection is being built again already, by this process or by another one. */
export class RebuildRunning extends Schema.TaggedError<RebuildRunning>(
  "@spillway/orchestration/RebuildRunning"
)("RebuildRunning", { projection: Schema.String, message: Schema.String }) {}

/** The new tables could not be made or filled, or could not take the place of the old ones, which serve as before. */
export class RebuildFailed extends Schema.TaggedError<RebuildFailed>("@spillway/orchestration/RebuildFailed")(
  "RebuildFailed",
  { projection: Schema.String, message: Schema.String }
) {}

export const running = (projection: string) =>
  new RebuildRunning({
    projection,
    message: `The projection "${projection}" is being rebuilt already: \`spillway projections status\` says how far it is.`
  })

export const poisoned = (projection: string, { position, threadId, type, version }: LoggedEvent) =>
  new RebuildFailed({
    projection,
    message: `The event at position ${position} (${type}, version ${version} of ${threadId}) can't be projected. The tables that serve are as they were.`
  })

export const aheadOfLog = (projection: string, checkpoint: number, head: number) =>
  new RebuildFailed({
    projection,
    message: `The tables say that they hold ${checkpoint} events, and the log has ${head}: restore the database from one backup, as a whole.`
  })

export const unreleased = (projection: string) =>
  new RebuildFailed({
    projection,
    message:
      "Somebody has kept on reading the tables, so that the new ones could not take their place: end long transactions (`pg_stat_activity` shows them) and rebuild again, which goes on where it was."
  })
