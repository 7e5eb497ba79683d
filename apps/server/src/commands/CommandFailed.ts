import { Schema } from "effect"

/** A command of the command line could not do its work. The message is one sentence that says what to do. */
export class CommandFailed extends Schema.TaggedError<CommandFailed>(
  "@spillway/server/commands/CommandFailed"
)("CommandFailed", {
  message: Schema.String
}) {}

export const commandFailed = (message: string) => new CommandFailed({ message })
