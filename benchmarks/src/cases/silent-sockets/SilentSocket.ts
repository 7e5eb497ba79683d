/** A websocket that says hello, subscribes and says nothing more; below it nothing is ever read: what comes is left in the kernel. */
import { PROTOCOL, type Subscription, WEBSOCKET_PATH } from "@spillway/contracts"
import { connect, type Socket } from "node:net"

const upgrade = [
  `GET ${WEBSOCKET_PATH} HTTP/1.1`,
  "Host: localhost",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "",
  ""
].join("\r\n")

export interface SilentSocket {
  readonly isOpen: () => boolean
  readonly leave: () => void
}

/**
 * Resolves once everything was sent; what the server makes of it, this one never learns. `reads`: it takes what comes, and throws it
 * away, which is what it is compared with.
 */
export const openSilentSocket = (
  port: number,
  subscriptions: ReadonlyArray<Subscription>,
  reads: boolean
): Promise<SilentSocket> =>
  new Promise((resolve, reject) => {
    const socket: Socket = connect(port, "127.0.0.1")
    // Before it is connected: else it would read ahead.
    if (reads) socket.resume()
    else socket.pause()
    socket.once("error", reject)
    const frames = [
      { type: "hello", protocol: PROTOCOL },
      ...subscriptions.map((subscription, i) => ({ type: "subscribe", id: `s${i}`, subscription }))
    ]
    socket.write(Buffer.concat([Buffer.from(upgrade), ...frames.map(maskedFrame)]), () => {
      socket.off("error", reject)
      socket.on("error", () => {})
      resolve({ isOpen: () => !socket.closed, leave: () => void socket.destroy() })
    })
  })

/** A text frame, under a mask of zeros. */
const maskedFrame = (frame: object): Buffer => {
  const payload = Buffer.from(JSON.stringify(frame))
  const { length } = payload
  const head = length < 126 ? [0x81, 0x80 | length] : [0x81, 0x80 | 126, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), payload])
}
