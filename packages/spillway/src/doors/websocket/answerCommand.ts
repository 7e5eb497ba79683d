/** What comes of a client's command, as a frame. Never fails. */
import type { ClientCommand, ServerFrame } from "@spillway/contracts"
import type { CommandOrigin, ThreadEngine } from "@spillway/orchestration"
import { Effect } from "effect"
import { dispatchCommand } from "../dispatchCommand.ts"
import { errorFrame } from "./decodeFrame.ts"

export const answerCommand = (
  origin: CommandOrigin,
  command: ClientCommand
): Effect.Effect<ServerFrame, never, ThreadEngine> =>
  Effect.match(dispatchCommand(origin, command), {
    onSuccess: (receipt): ServerFrame => ({ type: "receipt", receipt }),
    onFailure: ({ code, message, retryable }) =>
      errorFrame(code, message, { retryable, commandId: command.commandId })
  })
