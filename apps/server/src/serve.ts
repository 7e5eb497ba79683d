/** Runs the server of this process, and says where it is and what to try. */
import { Effect, Layer, Redacted } from "effect"
import {
  layerSpillway,
  Listener,
  runtimesOf,
  type SpillwaySettings,
  VERSION,
  WEBSOCKET_PATH
} from "spillway/effect"
import { invocation } from "./commands/answering.ts"
import { readSettings, type Settings } from "./config/readSettings.ts"
import { serverSettings } from "./config/ServerConfig.ts"
import { DEFAULT_PORT } from "./config/settings.ts"
import { unknownVariables } from "./config/unknownVariables.ts"
import { layerLogging } from "./logging/logging.ts"
import { exportsOf, layerTelemetry } from "./telemetry/telemetry.ts"

/** Until it is interrupted. Fails with an error whose message is one sentence that says what to do. */
export const serve = Effect.gen(function* () {
  const settings = yield* readSettings
  return yield* run(settings).pipe(
    // Ended after the server, so that its last spans and lines are sent; begun after the log, which it joins.
    Effect.provide(Layer.provideMerge(layerTelemetry(settings), layerLogging(settings)))
  )
}).pipe(
  // Being stopped is how a server ends well.
  Effect.onInterrupt(() => Effect.sync(() => (process.exitCode = 0)))
)

const run = Effect.fnUntraced(function* (settings: Settings) {
  const spillway = yield* serverSettings(settings)
  const { defaultModel, runtimes } = yield* runtimesOf(process.env)
  for (const warning of unknownVariables(process.env)) yield* Effect.logWarning(warning)
  return yield* Effect.gen(function* () {
    const { address, port } = yield* Listener
    // At a terminal the same is said below, for people.
    const level = process.stderr.isTTY && process.stdout.isTTY ? "Debug" : "Info"
    yield* Effect.logWithLevel(level)("Spillway is ready", {
      version: VERSION,
      address,
      database: databaseText(spillway),
      runtime: defaultModel ?? "scripted",
      exports: Object.fromEntries(exportsOf(settings))
    })
    // Whoever asks for JSON is a program, and reads the line above.
    if (settings.SPILLWAY_LOG !== "json") {
      yield* Effect.sync(() => process.stdout.write(readyMessage(spillway, { address, port, defaultModel })))
    }
    return yield* Effect.onInterrupt(Effect.never, () => Effect.logInfo("Spillway is stopping"))
  }).pipe(Effect.provide(layerSpillway(spillway, runtimes)))
})

interface Ready {
  readonly address: string
  readonly port: number
  readonly defaultModel: string | null
}

export const readyMessage = (settings: SpillwaySettings, { address, defaultModel, port }: Ready): string => {
  const url = port === DEFAULT_PORT ? "" : ` --url ws://${address}`
  const token = settings.token === null ? "" : " --token …"
  const runtime =
    defaultModel === null
      ? "scripted, because no model is configured (set ANTHROPIC_API_KEY, OPENAI_API_KEY, GOOGLE_GENERATIVE_AI_API_KEY, or SPILLWAY_MODEL_BASE_URL with SPILLWAY_MODEL)"
      : `ai-sdk, ${defaultModel}`
  return [
    `Spillway is ready at ws://${address}${WEBSOCKET_PATH}`,
    "",
    `  http      http://${address}/docs`,
    `  health    http://${address}/health/ready`,
    `  database  ${databaseText(settings)}`,
    `  runtime   ${runtime}`,
    "",
    "Try, in another terminal:",
    "",
    `  ${invocation()} turn --thread t1 --text "hello" --mode streaming${url}${token}`,
    "",
    ""
  ].join("\n")
}

/** Without user and password. */
const databaseText = ({ databaseUrl, dataDirectory }: SpillwaySettings): string => {
  if (databaseUrl === null) return `embedded Postgres in ${dataDirectory}`
  const url = URL.parse(Redacted.value(databaseUrl))
  return url === null ? "DATABASE_URL" : `postgres://${url.host}${url.pathname}`
}
