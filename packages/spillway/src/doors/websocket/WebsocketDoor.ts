/** Turns upgrades of `/v1/ws` into websockets of `spillway.v1`. */
import { WebSocketServer as WsServer } from "@effect/platform-node/NodeWS"
import { DEFAULT_TENANT } from "@spillway/contracts"
import {
  BadRequest,
  Forbidden,
  NotFound,
  type Problem,
  ServiceUnavailable,
  Unauthorized
} from "@spillway/contracts/http-api"
import {
  EventLog,
  metrics,
  type ReadModels,
  RuntimeSessions,
  showGauge,
  showGaugeOf,
  type ThreadEngine
} from "@spillway/orchestration"
import type { LiveLane } from "@spillway/runtime-ingestion"
import { Clock, Effect, FiberSet, Latch, Schedule } from "effect"
import type { IncomingMessage } from "node:http"
import type { Duplex } from "node:stream"
import { DoorMetrics } from "../DoorMetrics.ts"
import type { ThreadHub } from "../following/ThreadHub.ts"
import { atCapacity } from "../http/capacity.ts"
import { turnAway } from "../http/rawProblem.ts"
import { limitsOf } from "../limits.ts"
import { isOriginAllowed } from "../origin.ts"
import type { DoorSettings } from "../../SpillwaySettings.ts"
import { bearerToken, isToken } from "../token.ts"
import { SERVER_NAME } from "../../version.ts"
import { ClientSocket, CLOSE_TIMEOUT, SKIPPABLE_FRAME } from "./ClientSocket.ts"
import { Connection } from "./Connection.ts"
import { WEBSOCKET_PATH } from "./path.ts"

/** How long commands that are under way may still take when the server stops. Milliseconds. */
const DRAIN_TIMEOUT = 5_000

/** Pieces in which a frame may come: of the connection, and of the websocket's own. A frame in network packets has some 3,000. */
const MAX_FRAGMENTS = 8_192

type Services = ThreadHub | EventLog | ReadModels | ThreadEngine | LiveLane

export const makeWebsocketDoor = Effect.fnUntraced(function* (config: DoorSettings) {
  const log = yield* EventLog
  const sessions = yield* RuntimeSessions
  const clock = yield* Clock.Clock
  const limits = limitsOf(config)
  const welcome = {
    logId: log.logId,
    server: SERVER_NAME,
    defaultRuntime: sessions.traits({}).runtime
  }
  const counters = yield* DoorMetrics
  const connections = new Set<Connection>()
  yield* showSockets(connections)
  const allClosed = yield* Latch.make(true)
  // Commands go on when their socket is gone, so what they run in is the server's.
  const fibers = yield* FiberSet.make<void>()
  const fork = yield* FiberSet.runtime(fibers)<Services>()

  const full = atCapacity(
    `${limits.sockets} websockets are open, which is as many as this process takes: connect again later, or set SPILLWAY_MAX_SOCKETS.`
  )

  // `closeTimeout`, and what bounds a frame that comes in pieces, are newer than the types of `ws`.
  const options = {
    noServer: true,
    maxPayload: SKIPPABLE_FRAME,
    maxFragments: MAX_FRAGMENTS,
    maxBufferedChunks: MAX_FRAGMENTS,
    // A few bytes could be the beginning of megabytes.
    perMessageDeflate: false,
    clientTracking: false,
    closeTimeout: CLOSE_TIMEOUT,
    WebSocket: ClientSocket
  }
  const sockets = new WsServer(options)
  sockets.on("wsClientError", (_: Error, socket: Duplex) => turnAway(socket, noHandshake))

  let closing = false
  const accept = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const refuse = (problem: Problem) => turnAway(socket, problem, request.method)
    if (closing) return refuse(stopping)
    if (request.url?.split("?")[0] !== WEBSOCKET_PATH) return refuse(notFound)
    const { allowedOrigins, token } = config
    const { authorization, host, origin } = request.headers
    if (
      origin !== undefined &&
      !isOriginAllowed({ allowedOrigins, tokenRequired: token !== null }, origin, host)
    ) {
      return refuse(originNotAllowed(origin))
    }
    const bearer = bearerToken(authorization)
    if (token !== null && bearer !== undefined && !isToken(token, bearer)) {
      return refuse(unauthorized)
    }
    if (connections.size >= limits.sockets) {
      counters.turnedAway.sockets.add()
      return refuse(full)
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      const expected = bearer === undefined ? token : null
      const options = {
        token: expected,
        connection: socket,
        tenant: DEFAULT_TENANT,
        actor: "client",
        limits,
        welcome,
        metrics: counters
      }
      const connection = new Connection(client, options, (effect) => void fork(effect), clock)
      connections.add(connection)
      allClosed.closeUnsafe()
      client.on("close", () => {
        connections.delete(connection)
        if (connections.size === 0) allClosed.openUnsafe()
      })
    })
  }

  const shutDown = Effect.gen(function* () {
    closing = true
    for (const connection of connections) connection.stopTaking()
    yield* FiberSet.awaitEmpty(fibers).pipe(Effect.timeout(DRAIN_TIMEOUT), Effect.ignore)
    for (const connection of connections) connection.shutDown()
    if (connections.size > 0) yield* allClosed.await.pipe(Effect.timeout(CLOSE_TIMEOUT), Effect.ignore)
  })

  yield* Effect.sync(() => {
    for (const connection of connections) connection.tick()
  }).pipe(Effect.repeat(Schedule.spaced("1 second")), Effect.forkScoped)

  return { accept, connections: () => connections.size, shutDown }
})

/** What is open now, for whoever reads the metrics. */
const showSockets = Effect.fnUntraced(function* (connections: ReadonlySet<Connection>) {
  const sum = (count: (connection: Connection) => number) => () =>
    Array.from(connections).reduce((total, connection) => total + count(connection), 0)
  yield* showGauge(metrics.sockets, () => connections.size)
  yield* showGauge(
    metrics.pausedReads,
    sum(({ isPaused }) => Number(isPaused))
  )
  for (const kind of ["thread", "threads", "log"] as const) {
    yield* showGaugeOf(
      metrics.subscriptions,
      kind,
      sum((connection) => connection.subscriptions(kind))
    )
  }
})

const stopping = new ServiceUnavailable({
  code: "unavailable",
  detail: "The server stops: connect again in a moment.",
  retryable: true
})

const notFound = new NotFound({
  code: "not-found",
  detail: `There is no websocket here: connect to ${WEBSOCKET_PATH}.`,
  retryable: false
})

const noHandshake = new BadRequest({
  code: "request-invalid",
  detail:
    "This is not the handshake of a websocket: send a GET with `Sec-WebSocket-Version: 13` and a `Sec-WebSocket-Key`.",
  retryable: false
})

const originNotAllowed = (origin: string) =>
  new Forbidden({
    code: "origin-not-allowed",
    detail: `Pages of ${origin} may not connect: add the origin to SPILLWAY_ALLOWED_ORIGINS if they should.`,
    retryable: false
  })

const unauthorized = new Unauthorized({
  code: "unauthorized",
  detail: "The token is wrong: send the server's SPILLWAY_TOKEN.",
  retryable: false
})
