/**
 * How this process was asked to run: the variables `SPILLWAY_*` and `DATABASE_URL`. One that is set to nothing counts as not set.
 * What is wrong is told in one sentence that names the variable and says what it may be.
 */
import { Config, Effect, Option, Redacted, Schema } from "effect"
import { resolve } from "node:path"
import { isLoopback, type SpillwaySettings } from "spillway/effect"

/** The configuration can't be used. */
export class ConfigInvalid extends Schema.TaggedError<ConfigInvalid>("@spillway/server/config/ConfigInvalid")(
  "ConfigInvalid",
  { message: Schema.String }
) {}

export const DEFAULT_PORT = 4000

/** Reads a variable; `fallback` where it is not set. `must` ends the sentence "NAME must be …". */
export const readSetting = <A, const B>(
  name: string,
  schema: Schema.Codec<A, string>,
  fallback: B,
  must: string
): Effect.Effect<A | B, ConfigInvalid> =>
  Config.option(Config.String(name)).pipe(
    Effect.map((text) => Option.getOrElse(text, () => "").trim()),
    Effect.flatMap((text): Effect.Effect<A | B, Schema.SchemaError> =>
      text === "" ? Effect.succeed(fallback) : Schema.decodeEffect(schema)(text)
    ),
    Effect.mapError(() => new ConfigInvalid({ message: `${name} must be ${must}.` }))
  )

const Port = Schema.FiniteFromString.check(Schema.isInt(), Schema.isBetween({ minimum: 0, maximum: 65_535 }))
const Seconds = Schema.FiniteFromString.check(Schema.isBetween({ minimum: 1, maximum: 86_400 }))
const seconds = "a number of seconds, from 1 to 86400"

export const readServerSettings: Effect.Effect<SpillwaySettings, ConfigInvalid> = Effect.gen(function* () {
  const settings = {
    host: yield* readSetting("SPILLWAY_HOST", Schema.String, "127.0.0.1", "an address to listen on"),
    port: yield* readSetting("SPILLWAY_PORT", Port, DEFAULT_PORT, "a port, from 0 to 65535"),
    token: yield* readSetting("SPILLWAY_TOKEN", Schema.String, null, "a text"),
    origins: yield* readSetting(
      "SPILLWAY_ALLOWED_ORIGINS",
      Schema.String,
      "",
      "origins, separated by commas"
    ),
    dataDirectory: yield* readSetting("SPILLWAY_DATA_DIR", Schema.String, ".spillway", "a directory"),
    databaseUrl: yield* readSetting("DATABASE_URL", Schema.String, null, "a postgres:// address"),
    clientStallSeconds: yield* readSetting("SPILLWAY_CLIENT_STALL_SECONDS", Seconds, 30, seconds),
    runtimeStallSeconds: yield* readSetting("SPILLWAY_STALL_SECONDS", Seconds, 600, seconds)
  }
  if (settings.databaseUrl !== null && !/^postgres(ql)?:\/\//.test(settings.databaseUrl)) {
    return yield* new ConfigInvalid({
      message: "DATABASE_URL must be a postgres:// address, or not set to use the embedded Postgres."
    })
  }
  if (settings.token === null && !isLoopback(settings.host)) {
    return yield* new ConfigInvalid({
      message: `SPILLWAY_HOST is ${settings.host}, which others can reach: set SPILLWAY_TOKEN to a secret that clients must send, or leave SPILLWAY_HOST at 127.0.0.1.`
    })
  }
  const { databaseUrl, origins, token, ...rest } = settings
  return {
    ...rest,
    dataDirectory: resolve(settings.dataDirectory),
    token: token === null ? null : Redacted.make(token),
    databaseUrl: databaseUrl === null ? null : Redacted.make(databaseUrl),
    allowedOrigins: origins
      .split(",")
      .map((origin) => origin.trim().replace(/\/$/, ""))
      .filter((origin) => origin !== "")
  }
})
