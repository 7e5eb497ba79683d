/**
 * The websocket of one client, as `ws` gives it, with two things of ours: a frame that is far too large gets an `error` before the
 * socket closes, and what is being sent can be bounded by not reading on.
 */
import { CloseCode, FRAME_LIMIT } from "@spillway/contracts"
import { WebSocket } from "@effect/platform-node/NodeWS"
import { errorFrame } from "./decodeFrame.ts"
import { serverFrameText } from "./frameText.ts"

/**
 * Up to this many bytes a frame that is too large is read and thrown away, so that the connection can go on; a larger one ends it.
 * It bounds what a client can make the server hold of a frame.
 */
export const SKIPPABLE_FRAME = 4 * FRAME_LIMIT

/** Bytes that may wait in this process for the client to take them before it is sent no more, and its own frames are left unread … */
const BUFFERED_LIMIT = 64 * 1024

/** … and frames: a small one costs more than its bytes. */
const UNSENT_LIMIT = 1_024

/** How long a client may take to answer a close before the connection is cut. Milliseconds. */
export const CLOSE_TIMEOUT = 2_000

export const frameTooLarge = serverFrameText(
  errorFrame("frame-too-large", `The frame is larger than ${FRAME_LIMIT} bytes: send less in one frame.`)
)

export class ClientSocket extends WebSocket {
  #unsent = 0

  /** Sends a text frame; `taken` is called once the kernel has it, or it is lost. */
  sendText(text: string | Buffer, taken: () => void): void {
    this.#unsent += 1
    this.send(text, { binary: false }, () => {
      this.#unsent -= 1
      taken()
    })
  }

  override close(code?: number, reason?: string | Buffer): void {
    // `ws` closes with this code by itself, as soon as a frame's header tells of its size.
    if (code === CloseCode.frameTooLarge && this.readyState === WebSocket.OPEN) this.send(frameTooLarge)
    super.close(code, reason)
  }

  /** The client does not take what it is sent. */
  isClogged(): boolean {
    return this.bufferedAmount > BUFFERED_LIMIT || this.#unsent > UNSENT_LIMIT
  }
}
