/**
 * Every variable that Spillway reads, in the order of the reference. Decoding with its errors, `spillway serve --help`,
 * `docs/configuration.md` and `.env.example` come from this table; `npm run docs` writes the two files.
 */
import { Schema } from "effect"
import { DOOR_LIMITS } from "spillway/constants"
import { Count, HttpUrl, Origins, Port, PostgresUrl, Seconds, Text } from "./texts.ts"
import { optional, secret, withDefault } from "./Setting.ts"
import { telemetry } from "./telemetrySettings.ts"

export const DEFAULT_PORT = 4000

const seconds = "a number of seconds, from 1 to 86400"

const doors = {
  SPILLWAY_HOST: withDefault(Text, "127.0.0.1", {
    about: "The address to listen on. Any other than loopback needs SPILLWAY_TOKEN.",
    must: "an address to listen on",
    example: "0.0.0.0"
  }),
  SPILLWAY_PORT: withDefault(Port, String(DEFAULT_PORT), {
    about: "The port to listen on; 0 takes a free one. The command line looks there, too.",
    must: "a port, from 0 to 65535",
    example: "8080"
  }),
  SPILLWAY_TOKEN: secret({
    about: "What every client must send, also to read /metrics. The command line sends it.",
    must: "a text",
    example: "choose-a-long-random-text"
  }),
  SPILLWAY_ALLOWED_ORIGINS: withDefault(Origins, "", {
    about:
      "Web pages that may connect, separated by commas. Pages on loopback may anyway; with a token, pages of the server's own host too.",
    must: "origins such as https://console.example.com, separated by commas",
    example: "https://console.example.com"
  })
}

const database = {
  DATABASE_URL: secret(
    {
      about:
        "Postgres 15 or newer, as postgres://user:password@host/database. Not set: an embedded Postgres in SPILLWAY_DATA_DIR.",
      must: "a postgres:// address, or not set to use the embedded Postgres",
      example: "postgres://spillway:password@127.0.0.1:5432/spillway"
    },
    PostgresUrl
  ),
  SPILLWAY_DATA_DIR: withDefault(Text, ".spillway", {
    about: "Where the embedded Postgres keeps its data.",
    must: "a directory",
    example: "/var/lib/spillway"
  })
}

const key = (provider: string, example: string) =>
  secret({
    about: `Models of ${provider}. The first key that is set, in this order, is the default's.`,
    must: "a key",
    example
  })

const models = {
  ANTHROPIC_API_KEY: key("Anthropic", "sk-ant-…"),
  OPENAI_API_KEY: key("OpenAI", "sk-…"),
  GOOGLE_GENERATIVE_AI_API_KEY: key("Google", "AIza…"),
  SPILLWAY_MODEL_BASE_URL: optional(HttpUrl, {
    about:
      "A server that speaks OpenAI's chat API, such as Ollama, vLLM or llama.cpp. Goes before the keys, and needs SPILLWAY_MODEL.",
    must: "an http address, such as http://127.0.0.1:11434/v1",
    example: "http://127.0.0.1:11434/v1"
  }),
  SPILLWAY_MODEL: optional(Text, {
    about: "The model of turns that name none; provider/name chooses among several providers.",
    must: "the name of a model",
    example: "anthropic/claude-sonnet-5-5",
    otherwise: "the provider's middle one; without a provider turns are played from scripts"
  }),
  SPILLWAY_MODEL_API_KEY: secret({
    about: "For SPILLWAY_MODEL_BASE_URL, where that server asks for a key.",
    must: "a key",
    example: "sk-…"
  })
}

const runtimes = {
  SPILLWAY_RUNTIME_TOKEN: secret({
    about:
      "Lets runtimes in other processes in, which must send it: whoever has it is given turns to run. Another one than SPILLWAY_TOKEN, and never part of an address.",
    must: "a secret",
    example: "change-me-too",
    otherwise: "no runtime can connect"
  }),
  SPILLWAY_RUNTIME_GRACE_SECONDS: withDefault(Seconds, "10", {
    about:
      "So long a turn waits for a runtime to connect, and for one that was lost to come back; after a restart of the server at most 10.",
    must: seconds,
    example: "30"
  })
}

const patience = {
  SPILLWAY_COMMAND_WAIT_SECONDS: withDefault(Seconds, "10", {
    about:
      "While the database is away a command waits so long, then fails so that it can be sent again. A restart of Postgres fits in, and most clients wait longer.",
    must: seconds,
    example: "30"
  }),
  SPILLWAY_STALL_SECONDS: withDefault(Seconds, "600", {
    about: "Without a sign of its runtime for so long a turn fails; waiting for a person does not count.",
    must: seconds,
    example: "120"
  }),
  SPILLWAY_CLIENT_STALL_SECONDS: withDefault(Seconds, "30", {
    about: "Without an ack for so long a socket with a full window closes.",
    must: seconds,
    example: "10"
  })
}

const count = "a whole number from 1 to 1000000"

const clients = {
  SPILLWAY_MAX_SOCKETS: withDefault(Count, String(DOOR_LIMITS.sockets), {
    about:
      "Websockets that may be open at once; one more is answered with 503. A hostile one costs about a megabyte at most, one that does its part some 20 KiB.",
    must: count,
    example: "20000"
  }),
  SPILLWAY_MAX_STREAMS: withDefault(Count, String(DOOR_LIMITS.streams), {
    about: "Event streams (SSE) that may be open at once; one more is answered with 503.",
    must: count,
    example: "5000"
  }),
  SPILLWAY_FRAMES_PER_SECOND: withDefault(Count, String(DOOR_LIMITS.framesPerSecond), {
    about:
      "Frames of one websocket that are read in a second, twice as many at once, each started 4 KiB counted as one. Past it they wait unread; nothing is lost.",
    must: count,
    example: "200"
  })
}

const logLevels = ["all", "trace", "debug", "info", "warn", "error", "fatal", "none"] as const

const logs = {
  SPILLWAY_LOG: optional(Schema.Literals(["json", "pretty"]), {
    about: "One JSON object per line, or text for people. Logs go to stderr.",
    must: "json or pretty",
    example: "json",
    otherwise: "pretty at a terminal, else json"
  }),
  SPILLWAY_LOG_LEVEL: withDefault(Schema.Literals(logLevels), "info", {
    about: `How much is said: ${logLevels.join(", ")}.`,
    must: `one of ${logLevels.join(", ")}`,
    example: "debug"
  })
}

const commandLine = {
  SPILLWAY_URL: optional(Text, {
    about: "The server that the command line talks to.",
    must: "an address of a server, such as ws://127.0.0.1:4000",
    example: "ws://127.0.0.1:4000",
    otherwise: "ws://127.0.0.1 at SPILLWAY_PORT"
  }),
  NO_COLOR: optional(Text, { about: "No colours, whatever its value.", must: "a text", example: "1" })
}

const development = {
  SPILLWAY_TEST_DATABASE_URL: secret(
    {
      about:
        "A Postgres server for the tests to make their databases in, in place of the one that they start.",
      must: "a postgres:// address",
      example: "postgres://postgres@127.0.0.1:5432/postgres"
    },
    PostgresUrl
  ),
  SPILLWAY_WRITE_SCHEMA: optional(Text, {
    about: "The test of the database's schema writes the reviewed dump again.",
    must: "a text",
    example: "1"
  })
}

export const settings = {
  ...doors,
  ...database,
  ...models,
  ...runtimes,
  ...patience,
  ...clients,
  ...logs,
  ...telemetry,
  ...commandLine,
  ...development
}

export type SettingName = keyof typeof settings

const names = (group: Partial<typeof settings>) => Object.keys(group) as ReadonlyArray<SettingName>

/** `for`: who reads them. */
export const groups = [
  { title: "Where it listens, and who is let in", for: "server", names: names(doors) },
  { title: "The database", for: "server", names: names(database) },
  { title: "Models", for: "server", names: names(models) },
  { title: "Runtimes in other processes", for: "server", names: names(runtimes) },
  { title: "Patience", for: "server", names: names(patience) },
  { title: "How much clients may ask for", for: "server", names: names(clients) },
  { title: "Logs", for: "server", names: names(logs) },
  { title: "Export of traces, metrics and logs", for: "server", names: names(telemetry) },
  { title: "The command line", for: "command line", names: names(commandLine) },
  { title: "Development", for: "development", names: names(development) }
] as const
