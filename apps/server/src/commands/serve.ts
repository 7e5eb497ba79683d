/** `spillway serve`: runs the server until a signal ends it. */
import { Effect } from "effect"
import { Command } from "effect/cli"

/** Loaded when it is needed: the other commands are quick without the server's code. */
const run = () =>
  Effect.flatMap(
    Effect.promise(() => import("../serve.ts")),
    ({ serve }) => serve
  )

export const serve = Command.make("serve", {}, run).pipe(
  Command.withDescription(
    [
      "Run the server until SIGINT or SIGTERM. It takes its settings from the environment:",
      "",
      "SPILLWAY_PORT (4000), SPILLWAY_HOST (127.0.0.1), SPILLWAY_TOKEN (asked of clients; needed for any other host), SPILLWAY_ALLOWED_ORIGINS (web pages that may connect, comma-separated).",
      "DATABASE_URL (Postgres 15 or newer); without it an embedded Postgres in SPILLWAY_DATA_DIR (.spillway).",
      "ANTHROPIC_API_KEY, OPENAI_API_KEY, GOOGLE_GENERATIVE_AI_API_KEY, or SPILLWAY_MODEL_BASE_URL with SPILLWAY_MODEL (and SPILLWAY_MODEL_API_KEY where it asks for one) for any OpenAI-compatible server; without one of them turns are played from scripts.",
      "SPILLWAY_STALL_SECONDS (600, without a sign of the runtime a turn fails), SPILLWAY_CLIENT_STALL_SECONDS (30, without an ack a socket closes), SPILLWAY_LOG (json or pretty), SPILLWAY_LOG_LEVEL (info)."
    ].join("\n")
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
