/** A Spillway server, for programs that run one in their own process: load runs, benchmarks, replays. */
export type { ServerSettings } from "./config/ServerConfig.ts"
export { layerProcess, layerSpillway, type Runtimes, runtimesOf } from "./Spillway.ts"
export { WEBSOCKET_PATH } from "./websocket/path.ts"
export { WebsocketServer } from "./websocket/WebsocketServer.ts"
