/**
 * Hands committed events on, in the log's order and without gaps, to whoever in this process follows the log.
 *
 * The engine publishes its own commits; commits of other processes are read from the log when CommitSignal wakes. The last
 * RING_SIZE events stay in memory, so that followers who keep up read nothing twice from the database.
 */
import type { LoggedEvent } from "@spillway/contracts"
import { Context, Effect, Layer, Schedule, type Scope, Semaphore, Stream } from "effect"
import { CommitSignal } from "./CommitSignal.ts"
import { EventLog, type Unavailable } from "./EventLog.ts"
import { showGauge } from "./metrics/instruments.ts"
import { metrics } from "./metrics/metrics.ts"

/** Events kept in memory for followers. */
const RING_SIZE = 4_096

/** The most events handed to a follower at once, and read from the log in one go. */
const BATCH_SIZE = 512

export class Publisher extends Context.Service<
  Publisher,
  {
    /** The engine's own commits, right after they happened. A batch that does not follow the last one has its gap read first. */
    readonly publish: (events: ReadonlyArray<LoggedEvent>) => Effect.Effect<void>
    /** The last published position. */
    readonly head: () => number
    /**
     * Everything after a position, for ever, in batches that are never empty: from memory while it reaches back far enough, else from
     * the log. A slow reader costs no memory. Fails when the log can't be read; follow again from the last position.
     */
    readonly follow: (afterPosition: number) => Stream.Stream<ReadonlyArray<LoggedEvent>, Unavailable>
    /**
     * Calls `listener` with every batch published from now on, in order, on the publishing fiber: it must be quick. One that throws is
     * logged, and keeps nobody else from the batch. Taken off when the scope closes.
     */
    readonly onPublish: (
      listener: (events: ReadonlyArray<LoggedEvent>) => void
    ) => Effect.Effect<void, never, Scope.Scope>
  }
>()("@spillway/orchestration/Publisher") {
  static readonly layer = Layer.effect(
    Publisher,
    Effect.gen(function* () {
      const log = yield* EventLog
      const signal = yield* CommitSignal
      const order = yield* Semaphore.make(1)
      const listeners = new Set<(events: ReadonlyArray<LoggedEvent>) => void>()
      let ring: Array<LoggedEvent> = []
      const runFork = Effect.runForkWith(yield* Effect.context())
      let head = yield* log.head
      yield* showGauge(metrics.logHead, () => head)

      /** Under `order`, and only with what follows the head. */
      const push = (events: ReadonlyArray<LoggedEvent>) => {
        if (events.length === 0) return
        ring.push(...events)
        // Cut seldom and by half: a shift per event would move the whole ring each time.
        if (ring.length > RING_SIZE * 2) ring = ring.slice(-RING_SIZE)
        head = events[events.length - 1]!.position
        // A copy: a follower that is woken adds itself again for what comes next.
        for (const listener of Array.from(listeners)) {
          try {
            listener(events)
          } catch (defect) {
            runFork(Effect.logError("A listener to committed events failed", defect))
          }
        }
      }

      /** Reads on until `until`, or the end of the log. */
      const readOn = Effect.fnUntraced(function* (until: number) {
        while (head < until) {
          const events = yield* log.readLog({
            afterPosition: head,
            limit: Math.min(BATCH_SIZE, until - head)
          })
          if (events.length === 0) return
          push(events)
        }
      })

      const publish = Effect.fnUntraced(function* (events: ReadonlyArray<LoggedEvent>) {
        if (events.length === 0) return
        yield* Semaphore.withPermit(
          order,
          Effect.suspend(() => {
            const first = events[0]!.position
            if (first === head + 1) return Effect.sync(() => push(events))
            return Effect.andThen(
              readOn(first - 1),
              Effect.sync(() => push(events.filter((event) => event.position > head)))
            )
          })
        ).pipe(
          // The commit stands whatever becomes of this; the next wake or commit reads what is missing.
          Effect.catchTag("Unavailable", (error) =>
            Effect.logWarning("Committed events are handed on late: the log can't be read", error.message)
          ),
          Effect.uninterruptible
        )
      })

      yield* signal.wakes.pipe(
        Stream.runForEach(() =>
          Semaphore.withPermit(order, readOn(Number.MAX_SAFE_INTEGER)).pipe(
            Effect.catchTag("Unavailable", (error) =>
              Effect.logDebug("The log can't be read now", error.message)
            )
          )
        ),
        Effect.withTracerEnabled(false),
        Effect.forkScoped
      )

      const awaitAfter = (position: number) =>
        Effect.callback<void>((resume) => {
          if (head > position) return resume(Effect.void)
          const listener = () => {
            listeners.delete(listener)
            resume(Effect.void)
          }
          listeners.add(listener)
          return Effect.sync(() => void listeners.delete(listener))
        })

      const next = Effect.fnUntraced(function* (after: number) {
        while (true) {
          if (head <= after) yield* awaitAfter(after)
          const oldest = ring[0]?.position
          const events =
            oldest !== undefined && oldest <= after + 1
              ? ring.slice(after + 1 - oldest, after + 1 - oldest + BATCH_SIZE)
              : yield* log.readLog({ afterPosition: after, limit: BATCH_SIZE })
          if (events.length > 0) return [events, events[events.length - 1]!.position] as const
        }
      })

      return Publisher.of({
        publish,
        head: () => head,
        follow: (afterPosition) => Stream.unfold(afterPosition, next),
        onPublish: (listener) =>
          Effect.acquireRelease(
            Effect.sync(() => void listeners.add(listener)),
            () => Effect.sync(() => void listeners.delete(listener))
          )
      })
    })
  )
}

/**
 * How what needs the database comes back to it: soon at first, then about every second; never all at the same time. For ever.
 */
export const followAgain = Schedule.min([
  Schedule.exponential("50 millis"),
  Schedule.spaced("1 second")
]).pipe(Schedule.jittered)
