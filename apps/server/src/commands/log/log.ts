/** `spillway log …`. */
import { Command } from "effect/cli"
import { tail } from "./tail.ts"

export const log = Command.make("log").pipe(
  Command.withDescription("Look into the log"),
  Command.withSubcommands([tail])
)
