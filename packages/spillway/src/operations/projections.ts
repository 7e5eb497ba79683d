/** Looking after the read models from beside the servers, on the database that they run on. */
import { layerBeside } from "@spillway/orchestration"
import { Effect, Layer, Schema } from "effect"
import { embeddedPostgres } from "../database.ts"
import type { EngineSettings } from "../SpillwaySettings.ts"

/** No server has run there yet. */
export class NoDatabase extends Schema.TaggedError<NoDatabase>("spillway/NoDatabase")("NoDatabase", {
  message: Schema.String
}) {}

/**
 * The database of the servers: that at an address, or the embedded one in a directory, whether or not a server runs it now. It takes no
 * lease and migrates nothing.
 */
export const layerBesideServers = ({
  databaseUrl,
  dataDirectory
}: Pick<EngineSettings, "databaseUrl" | "dataDirectory">) =>
  databaseUrl !== null
    ? layerBeside({ url: databaseUrl })
    : Layer.unwrap(
        Effect.gen(function* () {
          const { exists, running: runningIn, start } = yield* embeddedPostgres
          const running = yield* runningIn(dataDirectory)
          if (running !== undefined) return layerBeside(running)
          if (!(yield* exists(dataDirectory))) {
            return yield* new NoDatabase({
              message: `No server has run in ${dataDirectory} yet: give DATABASE_URL, or SPILLWAY_DATA_DIR, as the server has it.`
            })
          }
          return layerBeside(yield* start({ directory: dataDirectory }))
        })
      )
