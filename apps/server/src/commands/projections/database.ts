/** The database that the servers run on, as the settings name it. */
import { Effect, Layer, References } from "effect"
import { resolve } from "node:path"
import { readSetting } from "../../config/readSettings.ts"

/** What works on the tables; loaded when it is needed, as the server is for `serve`. */
export const loaded = Effect.promise(() => import("spillway/effect"))

/** It works on the tables themselves: it needs no server, and leaves those that run alone. */
export const layerDatabase = Layer.unwrap(
  Effect.gen(function* () {
    const databaseUrl = yield* readSetting("DATABASE_URL")
    const dataDirectory = resolve(yield* readSetting("SPILLWAY_DATA_DIR"))
    const { layerBesideServers } = yield* loaded
    return layerBesideServers({ databaseUrl, dataDirectory })
  })
)

/** What a command has to say it prints itself. */
export const quietly = Effect.provideService(References.MinimumLogLevel, "None")
