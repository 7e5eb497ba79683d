export { WEBSOCKET_PATH } from "@spillway/contracts"
