/** The few values of the runtime protocol that are needed where nothing of Effect runs. `RuntimeProtocol.ts` says what they mean. */

export const RUNTIME_PROTOCOL = "spillway-runtime.v1"

/** Where runtime hosts connect, below the address at which a server is reached. */
export const RUNTIME_WEBSOCKET_PATH = "/v1/runtimes/ws"

/** Where the HTTP side of it is, below that address: `work`, and `sessions/…`. */
export const RUNTIME_HTTP_PATH = "/v1/runtimes/"

/** The largest frame, and the longest line of NDJSON, that a host may send. Bytes. */
export const RUNTIME_FRAME_LIMIT = 1024 * 1024

/** The most sessions that one host runs at a time. */
export const HOST_SESSION_LIMIT = 1_024

/** Why the server closes a host's socket. */
export const RuntimeCloseCode = {
  /** Something else came before `hello`, or nothing within ten seconds. */
  helloExpected: 4400,
  unauthorized: 4401,
  /** A frame that is none. */
  malformed: 4402,
  unsupportedProtocol: 4406,
  /** The host did not take what it was sent. */
  stalled: 4408,
  /** Reports beyond the credit, or with a gap before them: connect again, and go on behind what `attached` says. */
  outOfOrder: 4409,
  /** As many hosts are connected as may be. */
  tooManyHosts: 4429,
  /** Another process runs the turns now: connect again, until that one answers. */
  notActive: 4503,
  frameTooLarge: 1009,
  shuttingDown: 1001
} as const
