/**
 * A server on a port of its own whose turns run in other processes: the real doors, reactors and sessions on a log in memory. Built
 * again on the same store it is another process on the same database.
 */
import { EventLog, layerRuntimeReactor, Publisher, ThreadEngine } from "@spillway/orchestration"
import { Memory, MemoryStore } from "@spillway/orchestration/testing"
import { RemoteHosts, RemoteSettings } from "@spillway/provider-runtimes"
import {
  IngestionBudget,
  IngestionSettings,
  type IngestionSettingsValue,
  LiveLane,
  type ProviderRuntime,
  ProviderRuntimeIngestion,
  ProviderRuntimes
} from "@spillway/runtime-ingestion"
import { Context, Effect, Latch, Layer, Redacted } from "effect"
import { Doors } from "../doors/Doors.ts"
import { ThreadHub } from "../doors/following/ThreadHub.ts"
import { Listener } from "../doors/Listener.ts"
import * as FoldedReadModels from "./FoldedReadModels.ts"
import { testSettings } from "./TestServer.ts"

export const RUNTIME_TOKEN = "runtime-secret"

/** Closes the log's gate until the scope closes. */
export const closeGate = Effect.flatMap(
  Effect.suspend(() => LogGate),
  (gate) => Effect.acquireRelease(gate.close, () => gate.open)
)

/** The log's gate: while it is closed, appends wait, as they do for a database that is slow. */
export class LogGate extends Context.Service<LogGate, Latch.Latch>()("spillway/testing/LogGate") {
  static readonly layer = Layer.effect(LogGate, Latch.make(true))
}

const gated = Layer.effect(
  EventLog,
  Effect.gen(function* () {
    const log = yield* EventLog
    const gate = yield* LogGate
    return EventLog.of({ ...log, append: (append) => gate.whenOpen(log.append(append)) })
  })
)

/** What turns run on whose start names none. */
const quiet: ProviderRuntime = {
  name: "quiet",
  resumable: false,
  canSteer: false,
  announcesSteps: true,
  runTurn: () => Effect.never
}

export interface RemoteServerOptions {
  readonly port?: number
  readonly runtimeToken?: Redacted.Redacted | null
  /** Milliseconds. */
  readonly grace?: number
  readonly ingestion?: Partial<IngestionSettingsValue>
}

/** Fresh: each is a process of its own on the store. */
export const layerRemoteProcess = ({
  grace = 10_000,
  ingestion = {},
  port = 0,
  runtimeToken = Redacted.make(RUNTIME_TOKEN)
}: RemoteServerOptions = {}) => {
  const settings = { ...testSettings, port, runtimeToken }
  return Listener.layer(settings).pipe(
    Layer.provideMerge(Doors.layer(settings)),
    Layer.provideMerge(ThreadHub.layer),
    Layer.provideMerge(layerRuntimeReactor),
    Layer.provideMerge(ProviderRuntimeIngestion.layer),
    Layer.provideMerge(
      Layer.effect(
        ProviderRuntimes,
        Effect.map(RemoteHosts, (hosts) => ProviderRuntimes.make([quiet], hosts.runtime))
      )
    ),
    Layer.provideMerge(
      Layer.mergeAll(LiveLane.layer, RemoteHosts.layer, FoldedReadModels.layer, ThreadEngine.layer)
    ),
    Layer.provideMerge(Layer.mergeAll(Publisher.layer, IngestionBudget.layer())),
    Layer.provideMerge(gated),
    Layer.provideMerge(Layer.mergeAll(Memory.layerOnStore, LogGate.layer)),
    Layer.provideMerge(
      Layer.effect(
        IngestionSettings,
        Effect.map(IngestionSettings, (defaults) => ({ ...defaults, ...ingestion }))
      )
    ),
    Layer.provideMerge(Layer.succeed(RemoteSettings, { connectWait: grace, grace, reattach: grace })),
    Layer.fresh
  )
}

export const layerRemoteServer = (options: RemoteServerOptions = {}) =>
  layerRemoteProcess(options).pipe(Layer.provideMerge(MemoryStore.layer))
