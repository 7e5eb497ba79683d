/** For tests of whatever stands on the log. */
export * as Memory from "../memory/Memory.ts"
export { MemoryStore } from "../memory/MemoryEventLog.ts"
export * as commands from "./commands.ts"
export { assertProjectionsEqualFold } from "./assertProjectionsEqualFold.ts"
export { eventLogSuite } from "./eventLogSuite.ts"
export * from "./foldedReads.ts"
export * from "./logRows.ts"
export { ThreadLog } from "./ThreadLog.ts"
