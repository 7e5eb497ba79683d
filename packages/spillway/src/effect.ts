/** Spillway as layers, for services built with Effect. */
export {
  checkProjections,
  type CheckOptions,
  type CheckReport,
  type Difference,
  OwnTables,
  projectionNames,
  type ProjectionStand,
  projectionsStatus,
  rebuildProjections,
  RebuildFailed,
  type RebuildOptions,
  type RebuildReport,
  RebuildRunning,
  type RebuildStand,
  type RebuildStep,
  type SubscriptionDefinition,
  Subscriptions,
  type SubscriptionStart,
  type SubscriptionStatus,
  TracingSettings,
  type TracingSettingsValue
} from "@spillway/orchestration"
export { Redactor, type RedactorService, type RedactorStream } from "@spillway/runtime-ingestion"
export { type EmbeddedPostgresFailed, EmbeddedPostgresMissing } from "./database.ts"
export { Doors } from "./doors/Doors.ts"
export { providerRuntime } from "./embedding/runtimes/providerRuntime.ts"
export { Listener, ListenFailed } from "./doors/Listener.ts"
export { isLoopback } from "./doors/origin.ts"
export { WEBSOCKET_PATH } from "./doors/websocket/path.ts"
export { layerBesideServers, NoDatabase } from "./operations/projections.ts"
export {
  layerMountable,
  layerProcess,
  layerSpillway,
  ownParts,
  type Parts,
  type Runtimes,
  runtimesOf
} from "./Spillway.ts"
export type { DoorSettings, EngineSettings, ListenSettings, SpillwaySettings } from "./SpillwaySettings.ts"
export { VERSION } from "./version.ts"
