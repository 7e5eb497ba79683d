/** How provider runtimes in other processes talk to a server. */
export * from "./RuntimeProtocol.ts"
export * from "./RuntimeReport.ts"
export { runtimeBlocks } from "./runtimeBlocks.ts"
export { TurnToRun } from "./TurnToRun.ts"
export * from "./wire.ts"
export { isShallow } from "../Json.ts"
