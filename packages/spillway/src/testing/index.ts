/** For tests of what stands on a server. */
export * from "./commands.ts"
export * as FoldedReadModels from "./FoldedReadModels.ts"
export * from "./runningThread.ts"
export * from "./TestClient.ts"
export * from "./TestEventStream.ts"
export * from "./TestRuntime.ts"
export * from "./TestServer.ts"
export * from "./TestSpillway.ts"
