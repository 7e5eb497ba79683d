/** The `spillway` command: the folder's other files are its subcommands. */
import { Command } from "effect/cli"
import { interrupt } from "./interrupt.ts"
import { log } from "./log/log.ts"
import { projections } from "./projections/projections.ts"
import { respond } from "./respond.ts"
import { serve } from "./serve.ts"
import { turn } from "./turn.ts"

export const spillway = Command.make("spillway").pipe(
  Command.withDescription("An orchestration engine for AI agent threads: its server, and a client of it"),
  Command.withSubcommands([serve, turn, respond, interrupt, log, projections]),
  Command.withExamples([
    { command: "spillway serve", description: "Run the server" },
    {
      command: 'spillway turn --thread t1 --text "hello" --mode streaming',
      description: "Say something, in another terminal"
    },
    { command: "spillway log tail --thread t1", description: "Everything that happened in the thread" },
    { command: "spillway projections status", description: "How far the read models are" }
  ])
)
