/** The few values of the protocol that are needed where nothing of Effect runs. `Protocol.ts` says what they mean on the wire. */
import type { DeliveryMode } from "./DeliveryMode.ts"

export const PROTOCOL = "spillway.v1"

/** Where a server's websocket is, below the address at which it is reached. */
export const WEBSOCKET_PATH = "/v1/ws"

/** Why the server closes a socket. */
export const CloseCode = {
  /** Something else came before `hello`, or nothing within ten seconds. */
  helloExpected: 4400,
  unauthorized: 4401,
  unsupportedProtocol: 4406,
  /**
   * The client acked nothing for too long. The reason is JSON, `{ "resumeAfter": { "<subscription>": version } }`, as far as a
   * reason's 123 bytes go; the `error` frame before it holds all of it.
   */
  stalled: 4408,
  /** Frame after frame was wrong: a client that is broken, or means harm. */
  rateExceeded: 4429,
  /** A frame of several times the limit, of which not even the rest could be skipped. */
  frameTooLarge: 1009,
  shuttingDown: 1001
} as const

/** The mode of a turn whose start names none. The one place that says so. */
export const DEFAULT_DELIVERY_MODE: DeliveryMode = "buffered"
