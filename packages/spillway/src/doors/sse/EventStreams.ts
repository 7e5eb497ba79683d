/**
 * Server-sent events: threads and the log over plain HTTP, for whoever has no websocket. A browser's EventSource resumes by itself.
 *
 * The ids are plain places: a version, of the log a position. A browser sends only the last one back, and to the same address, so the
 * log that a cursor is of stands in the address (`?logId=`); `caught-up` tells it to clients that do not know it yet.
 */
import { EventLog, metrics, showGauge, Unavailable } from "@spillway/orchestration"
import { Clock, Context, Effect, Exit, FiberSet, Latch, Layer, Schedule, Schema, Scope } from "effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type { DoorSettings } from "../../SpillwaySettings.ts"
import { DoorMetrics } from "../DoorMetrics.ts"
import type { Followed } from "../following/sources.ts"
import { limitsOf } from "../limits.ts"
import { EventStream } from "./EventStream.ts"

/** How long a client may take for what it was sent when the server stops. Milliseconds. */
const END_TIMEOUT = 2_000

/** No cache keeps it, and no proxy on the way may gather or compress it. */
const headers = {
  "content-type": "text/event-stream",
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
  vary: "Origin, Accept"
}

/** There are as many as the process takes. */
export class StreamsFull extends Schema.TaggedError<StreamsFull>("spillway/doors/StreamsFull")(
  "StreamsFull",
  { message: Schema.String }
) {}

export class EventStreams extends Context.Service<
  EventStreams,
  {
    /**
     * The answer that follows from a place on, for ever; of something that is over and of which the client has everything, 204, which
     * tells a browser not to come again. Fails when the server stops, and where there are as many as it takes.
     */
    readonly open: (
      followed: Followed,
      from: { readonly after: number; readonly isOver: boolean }
    ) => Effect.Effect<HttpServerResponse.HttpServerResponse, Unavailable | StreamsFull>
    /** Clients that follow now. */
    readonly size: () => number
    /** Of these: all, and those that do not take what they are sent. */
    readonly count: () => { readonly open: number; readonly clogged: number }
    /** Ends all of them: with what they have room for, and with everything two seconds later. */
    readonly shutDown: Effect.Effect<void>
  }
>()("spillway/doors/EventStreams") {
  static readonly layer = (settings: DoorSettings) => Layer.effect(EventStreams, make(settings))
}

const make = Effect.fnUntraced(function* (settings: DoorSettings) {
  const limits = limitsOf(settings)
  const { logId } = yield* EventLog
  const clock = yield* Clock.Clock
  const counters = yield* DoorMetrics
  const streams = new Set<EventStream>()
  yield* showGauge(metrics.eventStreams, () => streams.size)
  const allClosed = yield* Latch.make(true)
  const fork = yield* FiberSet.makeRuntime<never>()
  let closing = false

  const open = Effect.fnUntraced(function* (
    followed: Followed,
    { after, isOver }: { readonly after: number; readonly isOver: boolean }
  ) {
    if (closing) return yield* new Unavailable({ message: "The server stops." })
    if (isOver) return HttpServerResponse.empty({ status: 204 })
    if (streams.size >= limits.streams) {
      counters.turnedAway.streams.add()
      return yield* new StreamsFull({
        message: `${limits.streams} event streams are open, which is as many as this process takes: come again later, or set SPILLWAY_MAX_STREAMS.`
      })
    }
    const scope = Scope.makeUnsafe()
    const stream = new EventStream({
      source: followed,
      logId,
      after,
      stallAfter: limits.stallSeconds * 1_000,
      now: () => clock.currentTimeMillisUnsafe(),
      metrics: counters,
      run: (effect) =>
        fork(Effect.asVoid(Effect.forkIn(Scope.provide(effect, scope), scope, { startImmediately: true }))),
      onOpen: (stream) => {
        streams.add(stream)
        allClosed.closeUnsafe()
        if (closing) stream.finish()
      },
      onClose: (stream) => {
        fork(Scope.close(scope, Exit.void))
        streams.delete(stream)
        if (streams.size === 0) allClosed.openUnsafe()
      }
    })
    return HttpServerResponse.raw(stream, { headers })
  })

  const shutDown = yield* Effect.cached(
    Effect.gen(function* () {
      closing = true
      for (const stream of streams) stream.finish()
      yield* allClosed.await.pipe(Effect.timeout(END_TIMEOUT), Effect.ignore)
      for (const stream of streams) stream.destroy()
    })
  )
  yield* Effect.addFinalizer(() => shutDown)

  yield* Effect.sync(() => {
    for (const stream of streams) stream.tick()
  }).pipe(Effect.repeat(Schedule.spaced("1 second")), Effect.forkScoped)

  const count = () => ({
    open: streams.size,
    clogged: Array.from(streams).filter((stream) => stream.isClogged).length
  })
  return EventStreams.of({ open, size: () => streams.size, count, shutDown })
})
