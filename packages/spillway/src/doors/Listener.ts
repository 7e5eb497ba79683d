/** An `http` server of our own that the doors stand on. It answers on its address once the layer is built. */
import type { ServerLimits } from "@spillway/contracts"
import { Context, Effect, Layer, Schema } from "effect"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { type AddressInfo, Server } from "node:net"
import type { Duplex } from "node:stream"
import type { ListenSettings } from "../SpillwaySettings.ts"
import { Doors } from "./Doors.ts"
import { answerWith, notAProxy, turnAway, turnAwayUnread, withoutHost } from "./http/rawProblem.ts"

/** The address can't be listened on. */
export class ListenFailed extends Schema.TaggedError<ListenFailed>("spillway/doors/ListenFailed")(
  "ListenFailed",
  { message: Schema.String }
) {}

export class Listener extends Context.Service<
  Listener,
  {
    /** `127.0.0.1:4000`, with the port that was given where any was asked for. */
    readonly address: string
    readonly port: number
  }
>()("spillway/doors/Listener") {
  static readonly layer = (settings: ListenSettings) => Layer.effect(Listener, make(settings))
}

/** How long a client may take for a request; one that only holds a connection open must not hurt. Milliseconds. */
export const Patience = Context.Reference("spillway/doors/Patience", {
  defaultValue: () => ({
    headersTimeout: 10_000,
    requestTimeout: 60_000,
    keepAliveTimeout: 30_000,
    connectionsCheckingInterval: 5_000
  })
})

/** Connections that the doors' own limits leave room for: those that wait for their next request too. What is beyond is dropped. */
const mostConnections = ({ requests, sockets, streams }: ServerLimits) => sockets + streams + 2 * requests

/**
 * Some clients of HTTP offer another protocol with every request, `h2c` say, and take an answer in this one: theirs are requests like any
 * other.
 */
const shouldUpgradeCallback = ({ headers }: IncomingMessage): boolean =>
  headers.upgrade?.trim().toLowerCase() === "websocket"

/** How long the last connections may take to end. */
const CLOSE_TIMEOUT = "2 seconds"

const make = Effect.fnUntraced(function* ({ host, port: wanted }: ListenSettings) {
  const doors = yield* Doors
  const server = createServer({ ...(yield* Patience), requireHostHeader: false, shouldUpgradeCallback })
  server.maxConnections = mostConnections(doors.limits)
  server.on("clientError", turnAwayUnread)
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.headers.host === undefined && request.httpVersion === "1.1") answerWith(response, withoutHost)
    else doors.onRequest(request, response)
  }
  server.on("request", onRequest)
  // What is expected beside the usual `100-continue` is not done, as HTTP allows.
  server.on("checkExpectation", onRequest)
  server.on("upgrade", doors.onUpgrade)
  // CONNECT: this is no proxy.
  server.on("connect", (_, socket: Duplex) => turnAway(socket, notAProxy))
  const { address, port } = yield* listen(server, host, wanted)
  yield* Effect.addFinalizer(() =>
    Effect.gen(function* () {
      // An `http` server that is closed cuts connections whose answer is written and has not left yet: at first it only stops to listen.
      const closed = new Promise<void>((resolve) => void Server.prototype.close.call(server, () => resolve()))
      yield* doors.shutDown
      server.close()
      server.closeAllConnections()
      yield* Effect.promise(() => closed).pipe(
        Effect.interruptible,
        Effect.timeout(CLOSE_TIMEOUT),
        Effect.ignore
      )
    })
  )
  return Listener.of({ address: `${address.includes(":") ? `[${address}]` : address}:${port}`, port })
})

const listen = (server: ReturnType<typeof createServer>, host: string, port: number) =>
  Effect.callback<AddressInfo, ListenFailed>((resume) => {
    const onError = (error: NodeJS.ErrnoException) => resume(Effect.fail(listenFailed(error, host, port)))
    server.once("error", onError)
    server.listen({ host, port }, () => {
      server.off("error", onError)
      resume(Effect.succeed(server.address() as AddressInfo))
    })
  })

const listenFailed = (error: NodeJS.ErrnoException, host: string, port: number): ListenFailed => {
  const where = `${host}:${port}`
  const said: Record<string, string> = {
    EADDRINUSE: `Port ${port} is taken on ${host}: stop what listens there, or set SPILLWAY_PORT to another port.`,
    EACCES: `This user may not listen on ${where}: set SPILLWAY_PORT to a port above 1023.`,
    EADDRNOTAVAIL: `${host} is no address of this machine: set SPILLWAY_HOST to one that is, such as 127.0.0.1.`,
    ENOTFOUND: `SPILLWAY_HOST is ${host}, which has no address: set it to one of this machine, such as 127.0.0.1.`
  }
  return new ListenFailed({
    message: said[error.code ?? ""] ?? `${where} can't be listened on (${error.message}).`
  })
}
