/**
 * Without a token, only clients on this machine are let in: who mounts the doors on a server that others can reach must not open them by
 * accident.
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Duplex } from "node:stream"
import { isLoopback } from "../../doors/origin.ts"

/** A socket without an address is a unix socket: a file of this machine. */
export const isFromThisMachine = ({ socket: { remoteAddress } }: IncomingMessage): boolean =>
  remoteAddress === undefined || isLoopback(remoteAddress.replace(/^::ffff:/i, ""))

const body = `${JSON.stringify({
  type: "about:blank",
  title: "Forbidden",
  status: 403,
  detail:
    "Without a token only clients on the server's own machine are let in: give createSpillway a `token`.",
  code: "host-not-allowed",
  retryable: false
})}\n`

const headers = { "content-type": "application/problem+json", "content-length": Buffer.byteLength(body) }

export const refuse = (response: ServerResponse): void => void response.writeHead(403, headers).end(body)

export const refuseUpgrade = (socket: Duplex): void => {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.on("error", () => {})
  socket.end(`HTTP/1.1 403 Forbidden\r\n${lines.join("")}connection: close\r\n\r\n${body}`)
}
