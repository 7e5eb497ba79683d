/**
 * A process of the server on a log that outlives it: the real engine, publisher and doors, on a log in memory. Nothing runs turns; a
 * PlayedRuntime does.
 */
import { EventLog, ThreadEngine } from "@spillway/orchestration"
import { Memory } from "@spillway/orchestration/testing"
import { LiveLane } from "@spillway/runtime-ingestion"
import { Context, Effect, Exit, Layer, Scope } from "effect"
import { Doors } from "spillway/effect"
import { layerTestServer } from "spillway/testing"
import { InProcessNetwork } from "./InProcessNetwork.ts"

type Services = Doors | ThreadEngine | EventLog | LiveLane

export interface ServerProcess {
  readonly engine: ThreadEngine["Service"]
  readonly log: EventLog["Service"]
  readonly lane: LiveLane["Service"]
  readonly scope: Scope.Closeable
}

/** A log, the one process at a time that serves it, and the network that leads there. */
export interface World {
  readonly network: InProcessNetwork
  readonly server: () => ServerProcess
  /** Another process, in place of the one before, which said goodbye to its clients or was killed. */
  readonly restart: (how: "stop" | "kill") => Effect.Effect<ServerProcess>
}

export const makeWorld = Effect.gen(function* () {
  const network = new InProcessNetwork()
  const memo = yield* Layer.makeMemoMap
  // What is built first in the memo map is shared by every process: the log.
  yield* Layer.buildWithMemoMap(Memory.layer, memo, yield* Effect.scope)

  const start = Effect.gen(function* () {
    const scope = yield* Scope.make()
    const services: Context.Context<Services> = yield* Effect.orDie(
      Layer.buildWithMemoMap(layerTestServer(), memo, scope)
    )
    network.upgrade = Context.get(services, Doors).onUpgrade
    const process: ServerProcess = {
      engine: Context.get(services, ThreadEngine),
      log: Context.get(services, EventLog),
      lane: Context.get(services, LiveLane),
      scope
    }
    return process
  })
  let server = yield* start
  const end = (how: "stop" | "kill") =>
    Effect.suspend(() => {
      network.upgrade = null
      if (how === "kill") network.cutAll()
      return Scope.close(server.scope, Exit.void)
    })
  yield* Effect.addFinalizer(() => end("kill"))
  const world: World = {
    network,
    server: () => server,
    restart: (how) =>
      Effect.gen(function* () {
        yield* end(how)
        server = yield* start
        return server
      })
  }
  return world
})
