// A service built with Effect: its own layers beside Spillway's, and a client of another server. Type-checked, not run.
import { type CommandError, SpillwayClient } from "@spillway/client/effect"
import { Effect, Layer, Redacted } from "effect"
import { DOOR_LIMITS } from "spillway/constants"
import { layerSpillway, Listener, runtimesOf, type SpillwaySettings } from "spillway/effect"

const settings: SpillwaySettings = {
  databaseUrl: Redacted.make("postgres://localhost/service"),
  dataDirectory: ".spillway",
  runtimeStallSeconds: 600,
  token: null,
  allowedOrigins: [],
  clientStallSeconds: 30,
  maxSockets: 2 * DOOR_LIMITS.sockets,
  host: "127.0.0.1",
  port: 0
}

const layer = Layer.unwrap(Effect.map(runtimesOf({}), ({ runtimes }) => layerSpillway(settings, runtimes)))

export const port: Effect.Effect<number, { readonly message: string }> = Effect.gen(function* () {
  const listener = yield* Listener
  return listener.port
}).pipe(Effect.provide(layer))

export const ask: Effect.Effect<number, CommandError, SpillwayClient> = Effect.gen(function* () {
  const client = yield* SpillwayClient
  const { version } = yield* client.thread("t1").send("How high is it?")
  return version
})
