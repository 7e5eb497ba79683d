/**
 * The server in a process of its own: the composition that `serve` runs, with runtimes that are written down, and with a break where one is
 * asked for. `process.argv[2]` holds ServerArguments as JSON. It ends with its channel: nothing outlives the harness.
 */
import "effect/schema/SchemaJITCompiler/enable"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { ScriptedRuntime } from "@spillway/provider-runtimes"
import type { ProviderRuntime } from "@spillway/runtime-ingestion"
import { Context, Effect, Layer, Logger, Redacted, References } from "effect"
import { layerSpillway, Listener, ownParts } from "spillway/effect"
import { TextLedger } from "../ledger/TextLedger.ts"
import { breaks as planted } from "./breaks/breaks.ts"
import { observed } from "./observed.ts"
import type { ServerArguments, ServerReady } from "./ServerArguments.ts"
import { typist } from "./typist.ts"

process.once("disconnect", () => process.exit(0))

const { servers } = JSON.parse(process.argv[2]!) as ServerArguments

const start = Effect.fnUntraced(function* ({
  breaks,
  databaseUrl,
  runtimeToken,
  textLedger
}: ServerArguments["servers"][number]) {
  const ledger = new TextLedger(textLedger)
  ledger.giveSigns()
  const { parts, runtime = (whole: ProviderRuntime) => whole } = breaks === null ? {} : planted[breaks.name]!
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
        runtimeStallSeconds: 600,
        runtimeToken: runtimeToken === null ? null : Redacted.make(runtimeToken)
      },
      [runtime(observed(ScriptedRuntime.make(), ledger)), runtime(observed(typist, ledger))],
      { ...ownParts, ...(breaks && parts?.({ ...breaks, ledger })) }
    )
  )
  return Context.get(services, Listener).port
})

const main = Effect.gen(function* () {
  const ports = yield* Effect.forEach(servers, start, { concurrency: "unbounded" })
  yield* Effect.sync(() => process.send?.({ ports } satisfies ServerReady))
  return yield* Effect.never
}).pipe(
  Effect.scoped,
  Effect.orDie,
  Effect.provideService(References.MinimumLogLevel, "Warn"),
  Effect.provide(Logger.layer([Logger.withConsoleError(Logger.formatLogFmt)]))
)

NodeRuntime.runMain(main)
