/** Turns what provider runtimes report into commands of the engine, under each turn's delivery mode. */
export * from "./LiveLane.ts"
export * from "./ProviderRuntime.ts"
