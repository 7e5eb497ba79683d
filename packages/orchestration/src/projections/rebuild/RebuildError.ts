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
