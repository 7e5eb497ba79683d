/** Where the websocket is. */
export const WEBSOCKET_PATH = "/v1/ws"
