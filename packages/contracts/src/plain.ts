/**
 * What runs without Effect: the fold, the live overlay, the order in which to show a thread, and the few values of the wire. A client
 * imports this; the types of everything else come from the package itself, which `import type` takes away again.
 */
export { asJson } from "./asJson.ts"
export * from "./isTurnEnd.ts"
export * from "./Limits.ts"
export * from "./runtime-protocol/wire.ts"
export * from "./thread-view/foldThread.ts"
export * from "./thread-view/LiveOverlay.ts"
export * from "./thread-view/timeline.ts"
export * from "./wire.ts"
