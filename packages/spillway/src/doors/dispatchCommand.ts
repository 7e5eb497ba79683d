/** A client's command to the engine: its receipt, or why there is none. */
import type { ClientCommand, Receipt } from "@spillway/contracts"
import { CommandFailed, type CommandOrigin, ThreadEngine } from "@spillway/orchestration"
import { Effect, Schema } from "effect"

/** The command got no receipt. `retryable`: sent again it gets one, and has one effect. */
export class CommandUnanswered extends Schema.TaggedError<CommandUnanswered>(
  "spillway/doors/CommandUnanswered"
)("CommandUnanswered", {
  code: Schema.Literals(["unavailable", "outcome-unknown", "internal"]),
  message: Schema.String,
  retryable: Schema.Boolean
}) {}

export const dispatchCommand = (
  origin: CommandOrigin,
  command: ClientCommand
): Effect.Effect<Receipt, CommandUnanswered, ThreadEngine> =>
  Effect.flatMap(ThreadEngine, (engine) => engine.dispatch(origin, command)).pipe(
    Effect.catchDefect((cause) => Effect.fail(new CommandFailed({ message: "A defect.", cause }))),
    Effect.catchTags({
      Unavailable: () => Effect.fail(unavailable),
      OutcomeUnknown: () => Effect.fail(outcomeUnknown),
      // A bug of ours: the log has its details, the client learns that there is no use in trying again.
      CommandFailed: (error) =>
        Effect.logError("A command failed", error).pipe(
          Effect.annotateLogs({ commandId: command.commandId, type: command.type }),
          Effect.andThen(Effect.fail(internal))
        )
    })
  )

const unavailable = new CommandUnanswered({
  code: "unavailable",
  message: "The database can't be reached right now: send the same command again in a moment.",
  retryable: true
})

const outcomeUnknown = new CommandUnanswered({
  code: "outcome-unknown",
  message:
    "The connection to the database broke while committing: send the same command again, and its receipt tells what happened.",
  retryable: true
})

const internal = new CommandUnanswered({
  code: "internal",
  message: "The server failed on this command; its log tells why.",
  retryable: false
})
