/**
 * The server under test: the composition that `serve` runs, with scripted turns, and a probe beside it that answers over IPC.
 * `process.argv[2]` holds ServerOptions as JSON. It ends with the channel.
 */
import "effect/schema/SchemaJITCompiler/enable"
import { Context, Effect, Layer, Redacted } from "effect"
import { layerSpillway, Listener, runtimesOf } from "spillway/effect"
import { runMain } from "../runner/runMain.ts"
import { breakServer } from "./breaks.ts"
import { type FromServer, RUNTIME_TOKEN, type ServerOptions, type ToServer } from "./ServerUnderTest.ts"

const { breaks = [], clientStallSeconds = 30, databaseUrl } = JSON.parse(process.argv[2]!) as ServerOptions

const tell = (message: FromServer) => process.send?.(message)

const main = Effect.gen(function* () {
  const { runtimes } = yield* runtimesOf({})
  const services = yield* Layer.build(
    layerSpillway(
      {
        host: "127.0.0.1",
        port: 0,
        token: null,
        allowedOrigins: [],
        dataDirectory: "",
        databaseUrl: Redacted.make(databaseUrl),
        clientStallSeconds,
        runtimeToken: Redacted.make(RUNTIME_TOKEN),
        runtimeStallSeconds: 600
      },
      runtimes
    )
  )
  yield* breakServer(breaks).pipe(Effect.provideContext(services))
  process.on("message", ({ collect }: ToServer) => {
    for (let i = 0; i < collect; i++) globalThis.gc?.()
    const { external, heapUsed, rss } = process.memoryUsage()
    const { system, user } = process.cpuUsage()
    tell({ type: "measured", rss, heapUsed, external, cpuSeconds: (user + system) / 1e6 })
  })
  const { port } = Context.get(services, Listener)
  yield* Effect.sync(() => tell({ type: "ready", port }))
  yield* Effect.callback<void>((resume) => void process.once("disconnect", () => resume(Effect.void)))
}).pipe(Effect.scoped)

runMain(Effect.as(main, true))
