/** How the server of this process was asked to run. */
import { Effect } from "effect"
import { resolve } from "node:path"
import { isLoopback, type SpillwaySettings } from "spillway/effect"
import type { Settings } from "./readSettings.ts"
import { ConfigInvalid } from "./Setting.ts"

/** What the settings say to the server's parts. Fails where two of them don't go together. */
export const serverSettings = (settings: Settings): Effect.Effect<SpillwaySettings, ConfigInvalid> =>
  settings.SPILLWAY_TOKEN === null && !isLoopback(settings.SPILLWAY_HOST)
    ? Effect.fail(
        new ConfigInvalid({
          message: `SPILLWAY_HOST is ${settings.SPILLWAY_HOST}, which others can reach: set SPILLWAY_TOKEN to a secret that clients must send, or leave SPILLWAY_HOST at 127.0.0.1.`
        })
      )
    : Effect.succeed({
        host: settings.SPILLWAY_HOST,
        port: settings.SPILLWAY_PORT,
        token: settings.SPILLWAY_TOKEN,
        allowedOrigins: settings.SPILLWAY_ALLOWED_ORIGINS,
        dataDirectory: resolve(settings.SPILLWAY_DATA_DIR),
        databaseUrl: settings.DATABASE_URL,
        commandWaitSeconds: settings.SPILLWAY_COMMAND_WAIT_SECONDS,
        clientStallSeconds: settings.SPILLWAY_CLIENT_STALL_SECONDS,
        maxSockets: settings.SPILLWAY_MAX_SOCKETS,
        maxStreams: settings.SPILLWAY_MAX_STREAMS,
        framesPerSecond: settings.SPILLWAY_FRAMES_PER_SECOND,
        runtimeStallSeconds: settings.SPILLWAY_STALL_SECONDS,
        runtimeToken: settings.SPILLWAY_RUNTIME_TOKEN,
        runtimeGraceSeconds: settings.SPILLWAY_RUNTIME_GRACE_SECONDS
      })
