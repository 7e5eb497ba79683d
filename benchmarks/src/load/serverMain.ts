/**
 * The server under load, in a process of its own so that its memory is its own: the composition that `serve` runs, and a probe
 * beside it that answers over IPC. `process.argv[2]` holds ServerArguments as JSON. It ends with the channel.
 */
import "effect/schema/SchemaJITCompiler/enable"
import { IngestionBudget, ProviderRuntimeIngestion } from "@spillway/runtime-ingestion"
import { layerSpillway, Listener, runtimesOf, WEBSOCKET_PATH } from "spillway/effect"
import { Context, Effect, Layer, Redacted } from "effect"
import type { FromServer, ServerArguments, ToServer } from "./ServerProcess.ts"
import { runMain } from "../runner/runMain.ts"

const { databaseUrl, providerUrl } = JSON.parse(process.argv[2]!) as ServerArguments

const tell = (message: FromServer) => process.send?.(message)

const main = Effect.gen(function* () {
  const { runtimes } = yield* runtimesOf({ SPILLWAY_MODEL_BASE_URL: providerUrl, SPILLWAY_MODEL: "load" })
  const services = yield* Layer.build(
    layerSpillway(
      {
        host: "127.0.0.1",
        port: 0,
        token: null,
        allowedOrigins: [],
        dataDirectory: "",
        databaseUrl: Redacted.make(databaseUrl),
        clientStallSeconds: 30,
        runtimeStallSeconds: 600
      },
      runtimes
    )
  )
  const ingestion = Context.get(services, ProviderRuntimeIngestion)
  const budget = Context.get(services, IngestionBudget)
  const peaks = watchDepths(budget)

  process.on("message", (message: ToServer) => {
    for (let i = 0; i < message.collect; i++) globalThis.gc?.()
    const { heapUsed, rss } = process.memoryUsage()
    const { system, user } = process.cpuUsage()
    tell({
      type: "measured",
      rss,
      heapUsed,
      cpuSeconds: (user + system) / 1e6,
      sessions: ingestion.sessionCount(),
      inUse: budget.inUse(),
      peakInUse: peaks.inUse,
      peakLane: peaks.lane,
      limits: { inUse: budget.total, lane: budget.perLane }
    })
  })
  const { address } = Context.get(services, Listener)
  yield* Effect.sync(() => tell({ type: "ready", url: `ws://${address}${WEBSOCKET_PATH}` }))
  yield* Effect.callback<void>((resume) => void process.once("disconnect", () => resume(Effect.void)))
}).pipe(Effect.scoped)

/** The budget of the running server, watched from outside: every lane that it makes reports how full it gets. */
const watchDepths = (budget: IngestionBudget["Service"]) => {
  const peaks = { inUse: 0, lane: 0 }
  const makeLane = budget.lane
  const lane: typeof makeLane = <A>() =>
    Effect.map(makeLane<A>(), (made) => ({
      ...made,
      offer: (item: A) =>
        Effect.tap(made.offer(item), () =>
          Effect.sync(() => {
            peaks.inUse = Math.max(peaks.inUse, budget.inUse())
            peaks.lane = Math.max(peaks.lane, made.depth())
          })
        )
    }))
  Object.assign(budget, { lane })
  return peaks
}

runMain(Effect.as(main, true))
