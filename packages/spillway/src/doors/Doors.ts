/**
 * Every way in from the network, on any `http` server: requests and upgrades. A web page of a foreign origin, and a wrong token, are
 * turned away.
 *
 * When its scope closes it takes no more, waits for the commands that are under way, sends what there is room for, closes every
 * socket with 1001, ends every event stream and lets the answers leave.
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import type { ServerLimits } from "@spillway/contracts"
import { RUNTIME_HTTP_PATH, RUNTIME_WEBSOCKET_PATH } from "@spillway/contracts/runtime-protocol"
import { RemoteHosts } from "@spillway/provider-runtimes"
import { Clock, Context, Effect, Layer, Option, Schedule, type Scope } from "effect"
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Duplex } from "node:stream"
import { makeRequests } from "./http/requests.ts"
import type { DoorSettings } from "../SpillwaySettings.ts"
import { DoorMetrics } from "./DoorMetrics.ts"
import { answerWith } from "./http/rawProblem.ts"
import { UnderWay } from "./http/UnderWay.ts"
import { limitsOf } from "./limits.ts"
import { EventStreams } from "./sse/EventStreams.ts"
import { makeRuntimeDoor } from "./runtimes/RuntimeDoor.ts"
import { makeWebsocketDoor } from "./websocket/WebsocketDoor.ts"

/** How long a client may take for an answer that it was given when the server stops. Milliseconds. */
const LEAVE_TIMEOUT = 2_000

export class Doors extends Context.Service<
  Doors,
  {
    /** For the `request` event of an `http` server. */
    readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void
    /** For its `upgrade` event. */
    readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
    /** What clients must keep to. */
    readonly limits: ServerLimits
    /** Open websockets now. */
    readonly connections: () => number
    /** Event streams now: all, and those whose client does not take what it is sent. */
    readonly eventStreams: () => { readonly open: number; readonly clogged: number }
    /** Closes them all, in order. What comes afterwards is turned away. Doing it twice does nothing more. */
    readonly shutDown: Effect.Effect<void>
  }
>()("spillway/doors/Doors") {
  static readonly layer = (settings: DoorSettings) =>
    Layer.effect(Doors, make(settings)).pipe(
      Layer.provide(EventStreams.layer(settings)),
      Layer.provide(DoorMetrics.layer)
    )
}

const make = Effect.fnUntraced(function* (settings: DoorSettings) {
  const websocket = yield* makeWebsocketDoor(settings)
  const runtimes = yield* Effect.flatMap(
    Effect.serviceOption(RemoteHosts),
    Option.match({ onNone: () => Effect.succeed(null), onSome: (hosts) => makeRuntimeDoor(settings, hosts) })
  )
  const eventStreams = yield* EventStreams
  const http = yield* makeRequests(settings)
  const scope: Scope.Scope = yield* Effect.scope
  const handle = yield* NodeHttpServer.makeHandler(http.requests, { scope })
  const counters = yield* DoorMetrics
  const limits = limitsOf(settings)
  const underWay = new UnderWay({
    limit: limits.requests,
    streams: eventStreams.size,
    stallAfter: limits.stallSeconds * 1_000
  })
  const clock = yield* Clock.Clock
  yield* Effect.sync(() => underWay.tick(clock.currentTimeMillisUnsafe())).pipe(
    Effect.repeat(Schedule.spaced("1 second")),
    Effect.forkScoped
  )
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    if (runtimes?.acceptRequest && request.url?.startsWith(RUNTIME_HTTP_PATH) === true) {
      return runtimes.acceptRequest(request, response)
    }
    const problem = underWay.take(request, response)
    if (problem === undefined) return handle(request, response)
    counters.turnedAway.requests.add()
    answerWith(response, problem)
  }
  const allLeft = Effect.promise(() => underWay.allLeft).pipe(
    Effect.interruptible,
    Effect.timeout(LEAVE_TIMEOUT),
    Effect.ignore
  )
  const shutDown = yield* Effect.cached(
    Effect.all(
      [http.shutDown, websocket.shutDown, eventStreams.shutDown, runtimes?.shutDown ?? Effect.void],
      {
        concurrency: "unbounded",
        discard: true
      }
    ).pipe(Effect.andThen(allLeft))
  )
  yield* Effect.addFinalizer(() => shutDown)
  return Doors.of({
    limits,
    onRequest,
    onUpgrade: (request, socket, head) =>
      runtimes !== null && request.url?.split("?")[0] === RUNTIME_WEBSOCKET_PATH
        ? runtimes.accept(request, socket, head)
        : websocket.accept(request, socket, head),
    connections: websocket.connections,
    eventStreams: eventStreams.count,
    shutDown
  })
})
