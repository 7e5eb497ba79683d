/** Spillway as layers, for services built with Effect. */
export {
  OwnTables,
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
export { DOOR_LIMITS } from "./doors/limits.ts"
export { isLoopback } from "./doors/origin.ts"
export { WEBSOCKET_PATH } from "./doors/websocket/path.ts"
export { layerMountable, layerProcess, layerSpillway, type Runtimes, runtimesOf } from "./Spillway.ts"
export type { DoorSettings, EngineSettings, ListenSettings, SpillwaySettings } from "./SpillwaySettings.ts"
export { VERSION } from "./version.ts"
