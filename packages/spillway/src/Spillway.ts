/**
 * The composition: one process of Spillway, from the database to the door. Each part is closed before what it stands on: first the
 * websockets, then reactors and sessions, then the engine, at last the database.
 */
import {
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

/** Everything behind the door: log, engine, read models, sessions with these runtimes, and what acts on commits. */
export const layerProcess = (settings: EngineSettings, runtimes: Runtimes) =>
  Layer.mergeAll(layerRuntimeReactor, layerReadModelMetrics, layerProcessMetrics).pipe(
    Layer.provideMerge(ProviderRuntimeIngestion.layer),
    Layer.provideMerge(
      Layer.mergeAll(
        ProviderRuntimes.layer(...runtimes),
        LiveLane.layer,
        IngestionBudget.layer(),
        PostgresReadModels.layer,
        PostgresSubscriptions.layer()
      )
    ),
    Layer.provideMerge(ThreadEngine.layer),
    Layer.provideMerge(Publisher.layer),
    Layer.provideMerge(layerDatabase(settings)),
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

/** A process with its doors, to be mounted on an `http` server. */
export const layerMountable = (settings: EngineSettings & DoorSettings, runtimes: Runtimes) =>
  Doors.layer(settings).pipe(
    Layer.provideMerge(ThreadHub.layer),
    Layer.provideMerge(layerProcess(settings, runtimes))
  )

/** A whole server. It answers on its address once the layer is built. */
export const layerSpillway = (settings: SpillwaySettings, runtimes: Runtimes) =>
  Listener.layer(settings).pipe(Layer.provideMerge(layerMountable(settings, runtimes)))

/** What the environment offers to run turns on: a model where one is configured, else scripts. */
export const runtimesOf = Effect.fnUntraced(function* (environment: Environment) {
  const models: ModelRegistry = yield* Effect.fromResult(modelRegistry(environment))
  const aiSdk = AiSdkRuntime.make({ model: models.model, tools: serverTools() })
  const scripted = ScriptedRuntime.make()
  const runtimes: Runtimes = models.defaultModel === null ? [scripted, aiSdk] : [aiSdk, scripted]
  return { runtimes, defaultModel: models.defaultModel }
})
