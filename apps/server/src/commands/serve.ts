/** `spillway serve`: runs the server until a signal ends it. */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { settingsHelp } from "../config/reference.ts"

/** Loaded when it is needed: the other commands are quick without the server's code. */
const run = () =>
  Effect.flatMap(
    Effect.promise(() => import("../serve.ts")),
    ({ serve }) => serve
  )

export const serve = Command.make("serve", {}, run).pipe(
  Command.withDescription(
    `Run the server until SIGINT or SIGTERM. It takes its settings from the environment.\n\n${settingsHelp()}`
  ),
  Command.withShortDescription("Run the server"),
  Command.withExamples([
    { command: "spillway serve", description: "On 127.0.0.1:4000, with an embedded Postgres" },
    {
      command: "DATABASE_URL=postgres://spillway@localhost/spillway SPILLWAY_PORT=8080 spillway serve",
      description: "On your own Postgres"
    }
  ])
)
