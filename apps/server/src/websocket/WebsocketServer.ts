/**
 * The way in: one HTTP server that answers the health checks and turns `/v1/ws` into websockets of `spillway.v1`. A web page of a
 * foreign origin, and a wrong token, are turned away before there is a websocket.
 *
 * When its scope closes it takes no more, waits for the commands that are under way, sends what there is room for, and closes every
 * socket with 1001.
 */
import { WebSocketServer as WsServer } from "@effect/platform-node/NodeWS"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { COMMAND_TEXT_LIMIT, DEFAULT_TENANT, FRAME_LIMIT, type ServerLimits } from "@spillway/contracts"
import { EventLog, type ReadModels, RuntimeSessions, type ThreadEngine } from "@spillway/orchestration"
import type { LiveLane } from "@spillway/runtime-ingestion"
import { Clock, Context, Effect, FiberSet, Latch, Layer, Schedule, Schema } from "effect"
import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import type { Duplex } from "node:stream"
import { ServerConfig } from "../config/ServerConfig.ts"
import { health } from "../health.ts"
import { ClientSocket, CLOSE_TIMEOUT, SKIPPABLE_FRAME } from "./ClientSocket.ts"
import { Connection } from "./Connection.ts"
import { isOriginAllowed } from "./origin.ts"
import { WEBSOCKET_PATH } from "./path.ts"
import type { ThreadHub } from "./ThreadHub.ts"
import { bearerToken, isToken } from "./token.ts"

export const SERVER_NAME = "spillway/0.1.0"

/** How long commands that are under way may still take when the server stops. Milliseconds. */
const DRAIN_TIMEOUT = 5_000

/** The address can't be listened on. */
export class ListenFailed extends Schema.TaggedError<ListenFailed>("@spillway/server/websocket/ListenFailed")(
  "ListenFailed",
  {
    message: Schema.String
  }
) {}

type Services = ThreadHub | EventLog | ReadModels | ThreadEngine | LiveLane

export class WebsocketServer extends Context.Service<
  WebsocketServer,
  {
    /** `127.0.0.1:4000`, with the port that was given where any was asked for. */
    readonly address: string
    readonly port: number
    /** Open sockets now. */
    readonly connections: () => number
  }
>()("@spillway/server/websocket/WebsocketServer") {
  static readonly layer = Layer.effect(
    WebsocketServer,
    Effect.suspend(() => make)
  )
}

const make = Effect.gen(function* () {
  const config = yield* ServerConfig
  const log = yield* EventLog
  const sessions = yield* RuntimeSessions
  const clock = yield* Clock.Clock
  const limits: ServerLimits = {
    frameBytes: FRAME_LIMIT,
    textLength: COMMAND_TEXT_LIMIT,
    subscriptions: 64,
    creditEvents: 512,
    creditBytes: 256 * 1024,
    stallSeconds: config.clientStallSeconds
  }
  const welcome = {
    logId: log.logId,
    server: SERVER_NAME,
    defaultRuntime: sessions.traits({}).runtime
  }
  const connections = new Set<Connection>()
  const allClosed = yield* Latch.make(true)
  // Commands go on when their socket is gone, so what they run in is the server's.
  const fibers = yield* FiberSet.make<void>()
  const fork = yield* FiberSet.runtime(fibers)<Services>()

  // `closeTimeout` is newer than the types of `ws`.
  const options = {
    noServer: true,
    maxPayload: SKIPPABLE_FRAME,
    perMessageDeflate: false,
    clientTracking: false,
    closeTimeout: CLOSE_TIMEOUT,
    WebSocket: ClientSocket
  }
  const sockets = new WsServer(options)

  const accept = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (request.url?.split("?")[0] !== WEBSOCKET_PATH) {
      return turnAway(socket, 404, "not-found", `There is no websocket here: connect to ${WEBSOCKET_PATH}.`)
    }
    const { allowedOrigins, token } = config
    const { authorization, host, origin } = request.headers
    if (!isOriginAllowed({ allowedOrigins, tokenRequired: token !== null }, origin, host)) {
      const said = `Pages of ${origin} may not connect: add the origin to SPILLWAY_ALLOWED_ORIGINS if they should.`
      return turnAway(socket, 403, "origin-not-allowed", said)
    }
    const bearer = bearerToken(authorization)
    if (token !== null && bearer !== undefined && !isToken(token, bearer)) {
      return turnAway(socket, 401, "unauthorized", "The token is wrong: send the server's SPILLWAY_TOKEN.")
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      const expected = bearer === undefined ? token : null
      const options = { token: expected, tenant: DEFAULT_TENANT, actor: "client", limits, welcome }
      const connection = new Connection(client, options, (effect) => void fork(effect), clock)
      connections.add(connection)
      allClosed.closeUnsafe()
      client.on("close", () => {
        connections.delete(connection)
        if (connections.size === 0) allClosed.openUnsafe()
      })
    })
  }

  const scope = yield* Effect.scope
  const server = createServer()
  server.on("request", yield* NodeHttpServer.makeHandler(health, { scope }))
  server.on("upgrade", accept)

  const { address, port } = yield* listen(server, config.host, config.port)

  yield* Effect.addFinalizer(() =>
    Effect.gen(function* () {
      server.close()
      server.off("upgrade", accept)
      for (const connection of connections) connection.stopTaking()
      yield* FiberSet.awaitEmpty(fibers).pipe(Effect.timeout(DRAIN_TIMEOUT), Effect.ignore)
      for (const connection of connections) connection.shutDown()
      if (connections.size > 0) yield* allClosed.await.pipe(Effect.timeout(CLOSE_TIMEOUT), Effect.ignore)
      server.closeAllConnections()
    })
  )

  yield* Effect.sync(() => {
    for (const connection of connections) connection.tick()
  }).pipe(Effect.repeat(Schedule.spaced("1 second")), Effect.forkScoped)

  return WebsocketServer.of({
    address: `${address.includes(":") ? `[${address}]` : address}:${port}`,
    port,
    connections: () => connections.size
  })
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

const STATUS: Record<number, string> = { 401: "Unauthorized", 403: "Forbidden", 404: "Not Found" }

/** Answers an upgrade with a plain HTTP response and ends the connection. */
const turnAway = (socket: Duplex, status: number, code: string, message: string): void => {
  const body = `${JSON.stringify({ code, message })}\n`
  socket.on("error", () => {})
  socket.end(
    `HTTP/1.1 ${status} ${STATUS[status]}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
  )
}
