/** Lets hosts of runtimes in: processes that run turns, and prove it with a token of their own. */
import { WebSocketServer as WsServer } from "@effect/platform-node/NodeWS"
import { Forbidden, NotFound, ServiceUnavailable, Unauthorized } from "@spillway/contracts/http-api"
import { RUNTIME_FRAME_LIMIT } from "@spillway/contracts/runtime-protocol"
import { NodeLease } from "@spillway/orchestration"
import { type RemoteHosts, RemoteSettings } from "@spillway/provider-runtimes"
import { Clock, Effect, FiberSet, Latch, Schedule, Stream } from "effect"
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Duplex } from "node:stream"
import type { DoorSettings } from "../../SpillwaySettings.ts"
import { SERVER_NAME } from "../../version.ts"
import { turnAway } from "../http/rawProblem.ts"
import { isOriginAllowed } from "../origin.ts"
import { bearerToken, isToken } from "../token.ts"
import { HostConnection, type HostServices } from "./HostConnection.ts"
import { HttpRuntimes } from "./http/HttpRuntimes.ts"
import { CLOSE_TIMEOUT, HostSocket } from "./HostSocket.ts"
import { runtimeLimits, SOCKET_LIMIT } from "./limits.ts"

export interface RuntimeDoor {
  /** For upgrades of RUNTIME_WEBSOCKET_PATH. */
  readonly accept: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /** For requests below RUNTIME_HTTP_PATH; `null` where no runtime is let in. */
  readonly acceptRequest: ((request: IncomingMessage, response: ServerResponse) => void) | null
  readonly shutDown: Effect.Effect<void>
}

export const makeRuntimeDoor = Effect.fnUntraced(function* (
  settings: DoorSettings,
  hosts: RemoteHosts["Service"]
) {
  const lease = yield* NodeLease
  const limits = runtimeLimits(hosts.window, yield* RemoteSettings)
  const clock = yield* Clock.Clock
  const connections = new Set<HostConnection>()
  const allClosed = yield* Latch.make(true)
  const fibers = yield* FiberSet.make<void>()
  const run = yield* FiberSet.runtime(fibers)<HostServices>()
  // `closeTimeout` is newer than the types of `ws`.
  const options = {
    noServer: true,
    maxPayload: RUNTIME_FRAME_LIMIT,
    perMessageDeflate: false,
    clientTracking: false,
    closeTimeout: CLOSE_TIMEOUT,
    WebSocket: HostSocket
  }
  const sockets = new WsServer(options)
  let closing = false
  let isActive = false
  const { runtimeToken = null } = settings
  const http =
    runtimeToken === null
      ? null
      : new HttpRuntimes({
          token: runtimeToken,
          server: SERVER_NAME,
          limits,
          hosts,
          isActive: () => isActive,
          clock,
          fork: (effect) => void run(effect)
        })

  const accept: RuntimeDoor["accept"] = (request, socket, head) => {
    const { allowedOrigins } = settings
    const { authorization, host, origin } = request.headers
    if (runtimeToken === null) return turnAway(socket, closed)
    if (closing || connections.size >= SOCKET_LIMIT) return turnAway(socket, later)
    if (origin !== undefined && !isOriginAllowed({ allowedOrigins, tokenRequired: true }, origin, host)) {
      return turnAway(socket, notForPages)
    }
    const bearer = bearerToken(authorization)
    if (bearer !== undefined && !isToken(runtimeToken, bearer)) return turnAway(socket, unauthorized)
    sockets.handleUpgrade(request, socket, head, (client) => {
      const connection = new HostConnection(client, {
        token: bearer === undefined ? runtimeToken : null,
        server: SERVER_NAME,
        limits,
        hosts,
        isActive: () => isActive,
        fork: (effect) => void run(effect),
        clock
      })
      connections.add(connection)
      allClosed.closeUnsafe()
      client.on("close", () => {
        connections.delete(connection)
        if (connections.size === 0) allClosed.openUnsafe()
      })
    })
  }

  yield* lease.changes.pipe(
    Stream.runForEach((epoch) =>
      Effect.sync(() => {
        isActive = epoch !== null
        if (isActive) return
        http?.leave("not-active", elsewhere)
        for (const connection of connections) {
          connection.leave("not-active", elsewhere)
        }
      })
    ),
    Effect.forkScoped
  )
  yield* Effect.sync(() => {
    http?.tick(clock.currentTimeMillisUnsafe())
    for (const connection of connections) connection.tick()
  }).pipe(Effect.repeat(Schedule.spaced("1 second")), Effect.forkScoped)

  const shutDown = Effect.gen(function* () {
    closing = true
    http?.close()
    for (const connection of connections) {
      connection.leave("unavailable", "The server stops: connect again in a moment, and go on.")
    }
    if (connections.size > 0) yield* allClosed.await.pipe(Effect.timeout(CLOSE_TIMEOUT), Effect.ignore)
  })

  const door: RuntimeDoor = { accept, acceptRequest: http?.accept ?? null, shutDown }
  return door
})

const elsewhere = "Another process runs the turns now: connect again, until that one answers."

const closed = new NotFound({
  code: "not-found",
  detail: "No runtime can connect here: start the server with SPILLWAY_RUNTIME_TOKEN.",
  retryable: false
})

const later = new ServiceUnavailable({
  code: "unavailable",
  detail: "The server stops, or as many runtimes are connected as may be: connect again in a moment.",
  retryable: true
})

const notForPages = new Forbidden({
  code: "origin-not-allowed",
  detail: "Web pages run no turns here: connect from a program.",
  retryable: false
})

const unauthorized = new Unauthorized({
  code: "unauthorized",
  detail: "The token is wrong: send the server's SPILLWAY_RUNTIME_TOKEN.",
  retryable: false
})
