/**
 * Puts the doors on a server that has handlers of its own: what is below the path goes to the doors and to nobody else, all the rest
 * goes where it went before, also to handlers that come later.
 *
 * A server hands a request to all its listeners, so that a listener beside them would not do: the service's own would answer as well.
 * The doors stand before the server's `emit` instead.
 */
import type { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http"
import type { Server as HttpsServer } from "node:https"
import type { Duplex } from "node:stream"
import { below } from "./ownPath.ts"

export type MountableServer = HttpServer | HttpsServer

export interface Handlers {
  readonly request: (request: IncomingMessage, response: ServerResponse) => void
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}

/** Newer than the types: which requests with `Upgrade` become an `upgrade` event. The others are answered as requests. */
interface AsksForUpgrades {
  shouldUpgradeCallback?: (request: IncomingMessage) => boolean
}

/** The result takes the doors off again. */
export const mount = (server: MountableServer, prefix: string, handlers: Handlers): (() => void) => {
  let isMounted = true
  const ours = ({ url }: IncomingMessage) => (isMounted ? below(prefix, url) : undefined)

  const emit = server.emit
  const before = (event: string | symbol, ...args: Array<unknown>): boolean => {
    if (event === "request" || event === "upgrade") {
      const request = args[0] as IncomingMessage
      const url = ours(request)
      if (url !== undefined) {
        request.url = url
        if (event === "request") handlers.request(request, args[1] as ServerResponse)
        else handlers.upgrade(request, args[1] as Duplex, args[2] as Buffer)
        return true
      }
    }
    return Reflect.apply(emit, server, [event, ...args]) as boolean
  }
  server.emit = before as typeof server.emit

  // Without a listener the server ends connections that ask for an upgrade, or answers them as requests.
  const turnAway = (_: IncomingMessage, socket: Duplex) => {
    if (server.listenerCount("upgrade") > 1) return
    socket.on("error", () => {})
    socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
  }
  server.on("upgrade", turnAway)
  const upgrades = server as AsksForUpgrades
  const asked = upgrades.shouldUpgradeCallback
  /** The server as it would be without our listener. */
  const without = Object.create(server, {
    listenerCount: { value: (event: string) => server.listenerCount(event) - (event === "upgrade" ? 1 : 0) }
  }) as MountableServer
  // Some clients of HTTP offer another protocol with each request, `h2c` say, and take an answer in this one.
  const ask = (request: IncomingMessage): boolean =>
    ours(request) === undefined
      ? Reflect.apply(asked!, without, [request])
      : request.headers.upgrade?.trim().toLowerCase() === "websocket"
  if (asked !== undefined) upgrades.shouldUpgradeCallback = ask

  return () => {
    if (!isMounted) return
    isMounted = false
    server.off("upgrade", turnAway)
    // Somebody else may stand before us by now: then what is left here passes everything on.
    if (server.emit === before) server.emit = emit
    if (asked !== undefined && upgrades.shouldUpgradeCallback === ask) upgrades.shouldUpgradeCallback = asked
  }
}
