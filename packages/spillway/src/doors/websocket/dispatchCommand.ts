/** A client's command to the engine, and what comes of it as a frame. Never fails. */
import type { ClientCommand, ServerFrame } from "@spillway/contracts"
import { type CommandOrigin, ThreadEngine } from "@spillway/orchestration"
import { Effect } from "effect"
import { errorFrame } from "./decodeFrame.ts"

export const dispatchCommand = (
  origin: CommandOrigin,
  command: ClientCommand
): Effect.Effect<ServerFrame, never, ThreadEngine> => {
  const { commandId } = command
  return Effect.flatMap(ThreadEngine, (engine) => engine.dispatch(origin, command)).pipe(
    Effect.map((receipt): ServerFrame => ({ type: "receipt", receipt })),
    Effect.catchTags({
      Unavailable: () =>
        Effect.succeed(
          errorFrame(
            "unavailable",
            "The database can't be reached right now: send the same command again in a moment.",
            {
              retryable: true,
              commandId
            }
          )
        ),
      OutcomeUnknown: () =>
        Effect.succeed(
          errorFrame(
            "outcome-unknown",
            "The connection to the database broke while committing: send the same command again, and its receipt tells what happened.",
            { retryable: true, commandId }
          )
        )
    }),
    // What is left is a bug of ours: the log has its details, the client learns that there is no use in trying again.
    Effect.catchCause((cause) =>
      Effect.as(
        Effect.annotateLogs(Effect.logError("A command failed", cause), { commandId, type: command.type }),
        errorFrame("internal", "The server failed on this command; its log tells why.", { commandId })
      )
    )
  )
}
