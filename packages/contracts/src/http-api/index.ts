/** The HTTP API: its contract, from which server, documentation and typed client derive. */
export * from "./Answers.ts"
export { Authorization } from "./Authorization.ts"
export { CommandBody } from "./CommandsApi.ts"
export { openApi } from "./openApi.ts"
export { EVENTS_PAGE_BYTES, PAGE } from "./parameters.ts"
export * from "./Problem.ts"
export { SpillwayHttpApi } from "./SpillwayHttpApi.ts"
