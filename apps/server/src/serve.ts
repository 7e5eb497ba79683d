/** Runs the server of this process, and says on stdout where it is and what to try. */
import { Effect, Redacted } from "effect"
import { layerLogging } from "./config/logging.ts"
import { DEFAULT_PORT, readServerSettings } from "./config/ServerConfig.ts"
import { layerSpillway, Listener, runtimesOf, type SpillwaySettings, WEBSOCKET_PATH } from "spillway/effect"

/** Until it is interrupted. Fails with an error whose message is one sentence that says what to do. */
export const serve = Effect.gen(function* () {
  const settings = yield* readServerSettings
  const { defaultModel, runtimes } = yield* runtimesOf(process.env)
  return yield* Effect.gen(function* () {
    const { address, port } = yield* Listener
    yield* Effect.sync(() => process.stdout.write(readyMessage(settings, { address, port, defaultModel })))
    return yield* Effect.never
  }).pipe(Effect.provide(layerSpillway(settings, runtimes)))
}).pipe(
  Effect.provide(layerLogging),
  // Being stopped is how a server ends well.
  Effect.onInterrupt(() => Effect.sync(() => (process.exitCode = 0)))
)

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
    `  health    http://${address}/health/ready`,
    `  database  ${databaseText(settings)}`,
    `  runtime   ${runtime}`,
    "",
    "Try, in another terminal:",
    "",
    `  npm run --silent spillway -- turn --thread t1 --text "hello" --mode streaming${url}${token}`,
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
