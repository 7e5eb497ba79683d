/** The websocket protocol in AsyncAPI's terms, and the words and tables that its documentation is made of. */
export { asyncApi } from "./asyncApi.ts"
export { closeCodes, errorCodes } from "./codes.ts"
export { clientFrames, serverFrames } from "./frames.ts"
export { protocolBlocks } from "./tables.ts"
