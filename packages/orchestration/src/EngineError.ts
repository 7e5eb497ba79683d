/** Errors of the engine beside those of the log. */
import { Schema } from "effect"

/** This process does not hold the lease any more, so it may not speak for runtimes. */
export class LeaseLost extends Schema.TaggedError<LeaseLost>("@spillway/orchestration/LeaseLost")(
  "LeaseLost",
  {
    message: Schema.String
  }
) {}

/**
 * Deciding or committing this one command fails in a way that is a bug of ours; its neighbours went on. Of a batch of runtime commands
 * `index` is the one that can't be decided; where one of them can't be stored, nobody knows which.
 */
export class CommandFailed extends Schema.TaggedError<CommandFailed>("@spillway/orchestration/CommandFailed")(
  "CommandFailed",
  {
    message: Schema.String,
    cause: Schema.optionalKey(Schema.Defect()),
    index: Schema.optionalKey(Schema.Finite)
  }
) {}
