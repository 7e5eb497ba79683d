/** The websocket of one host, as `ws` gives it; a frame that is too large gets an `error` before the socket closes. */
import { WebSocket } from "@effect/platform-node/NodeWS"
import { RUNTIME_FRAME_LIMIT, RuntimeCloseCode } from "@spillway/contracts/runtime-protocol"
import { runtimeError } from "./decodeHostFrame.ts"

/** Bytes that may wait in this process for the host to take them before acks wait, too. */
const BUFFERED_LIMIT = 512 * 1024

/** How long a host may take to answer a close before the connection is cut. Milliseconds. */
export const CLOSE_TIMEOUT = 2_000

const frameTooLarge = JSON.stringify(
  runtimeError("frame-too-large", `A frame is larger than ${RUNTIME_FRAME_LIMIT} bytes: send less in one.`)
)

export class HostSocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    // `ws` closes with this code by itself, as soon as a frame's header tells of its size.
    if (code === RuntimeCloseCode.frameTooLarge && this.readyState === WebSocket.OPEN)
      this.send(frameTooLarge)
    super.close(code, reason)
  }

  /** The host does not take what it is sent. */
  isClogged(): boolean {
    return this.bufferedAmount > BUFFERED_LIMIT
  }
}
