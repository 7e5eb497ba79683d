/**
 * The composition: one process of Spillway, from the database to the door. Each part is closed before what it stands on: first the
 * websockets, then reactors and sessions, then the engine, at last the database.
 */
import {
  CommandWait,
  layerReadModelMetrics,
  layerRuntimeReactor,
  PostgresReadModels,
  PostgresSubscriptions,
  Publisher,
  ThreadEngine
} from "@spillway/orchestration"
import {
  AiSdkRuntime,
  type Environment,
  type ModelRegistry,
  modelRegistry,
  RemoteHosts,
  RemoteSettings,
  ScriptedRuntime,
  serverTools
} from "@spillway/provider-runtimes"
import {
  IngestionBudget,
  IngestionSettings,
  LiveLane,
  type ProviderRuntime,
  ProviderRuntimeIngestion,
  ProviderRuntimes
} from "@spillway/runtime-ingestion"
import { Effect, Layer } from "effect"
import { layerDatabase } from "./database.ts"
import { Doors } from "./doors/Doors.ts"
import { ThreadHub } from "./doors/following/ThreadHub.ts"
import { Listener } from "./doors/Listener.ts"
import { layerProcessMetrics } from "./operations/processMetrics.ts"
import type { DoorSettings, EngineSettings, SpillwaySettings } from "./SpillwaySettings.ts"

/** The first is what turns run on whose start names none. */
export type Runtimes = readonly [ProviderRuntime, ...ReadonlyArray<ProviderRuntime>]

/** Parts of a process that can be put in place of its own: how it is shown that somebody notices when one of them breaks a promise. */
export interface Parts {
  readonly engine: typeof ThreadEngine.layer
  readonly publisher: typeof Publisher.layer
  readonly readModels: typeof PostgresReadModels.layer
}

export const ownParts: Parts = {
  engine: ThreadEngine.layer,
  publisher: Publisher.layer,
  readModels: PostgresReadModels.layer
}

/** Everything behind the door: log, engine, read models, sessions with these runtimes, and what acts on commits. */
export const layerProcess = (
  settings: EngineSettings,
  runtimes: Runtimes,
  { engine, publisher, readModels }: Parts = ownParts
) =>
  Layer.mergeAll(layerRuntimeReactor, layerReadModelMetrics, layerProcessMetrics).pipe(
    Layer.provideMerge(ProviderRuntimeIngestion.layer),
    Layer.provideMerge(
      Layer.mergeAll(
        layerRuntimes(settings, runtimes),
        LiveLane.layer,
        readModels,
        PostgresSubscriptions.layer()
      )
    ),
    Layer.provideMerge(Layer.mergeAll(engine, RemoteHosts.layer)),
    Layer.provide(layerCommandWait(settings)),
    Layer.provideMerge(Layer.mergeAll(publisher, IngestionBudget.layer())),
    Layer.provideMerge(layerDatabase(settings)),
    Layer.provideMerge(
      Layer.effect(
        RemoteSettings,
        Effect.map(RemoteSettings, (defaults) => {
          const { runtimeGraceSeconds = defaults.grace / 1_000 } = settings
          const grace = runtimeGraceSeconds * 1_000
          return { connectWait: grace, grace, reattach: Math.min(grace, defaults.reattach) }
        })
      )
    ),
    Layer.provide(
      Layer.effect(
        IngestionSettings,
        Effect.map(IngestionSettings, (defaults) => ({
          ...defaults,
          stallTimeout: settings.runtimeStallSeconds * 1_000
        }))
      )
    )
  )

const layerCommandWait = ({ commandWaitSeconds }: EngineSettings) =>
  Layer.effect(
    CommandWait,
    Effect.map(CommandWait, (wait) => (commandWaitSeconds === undefined ? wait : commandWaitSeconds * 1_000))
  )

/** What turns run on: these, and where hosts are let in, what those offer. */
const layerRuntimes = ({ runtimeToken = null }: EngineSettings, runtimes: Runtimes) =>
  Layer.effect(
    ProviderRuntimes,
    Effect.map(RemoteHosts, (hosts) =>
      ProviderRuntimes.make(runtimes, runtimeToken === null ? undefined : hosts.runtime)
    )
  )

/** A process with its doors, to be mounted on an `http` server. */
export const layerMountable = (settings: EngineSettings & DoorSettings, runtimes: Runtimes, parts?: Parts) =>
  Doors.layer(settings).pipe(
    Layer.provideMerge(ThreadHub.layer),
    Layer.provideMerge(layerProcess(settings, runtimes, parts))
  )

/** A whole server. It answers on its address once the layer is built. */
export const layerSpillway = (settings: SpillwaySettings, runtimes: Runtimes, parts?: Parts) =>
  Listener.layer(settings).pipe(Layer.provideMerge(layerMountable(settings, runtimes, parts)))

/** What the environment offers to run turns on: a model where one is configured, else scripts. */
export const runtimesOf = Effect.fnUntraced(function* (environment: Environment) {
  const models: ModelRegistry = yield* Effect.fromResult(modelRegistry(environment))
  const aiSdk = AiSdkRuntime.make({ model: models.model, tools: serverTools() })
  const scripted = ScriptedRuntime.make()
  const runtimes: Runtimes = models.defaultModel === null ? [scripted, aiSdk] : [aiSdk, scripted]
  return { runtimes, defaultModel: models.defaultModel }
})
