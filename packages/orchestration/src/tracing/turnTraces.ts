/**
 * The trace of each turn, folded from what this process commits. A span is told to the tracer by the process that commits its end, so
 * each is told once; where other processes wrote in between, their events are read from the log first.
 *
 * Commits do not wait for it. What it can't keep up with, or can't read, is missing from the traces.
 */
import type { LoggedEvent } from "@spillway/contracts"
import { type Cause, Effect, Fiber, Queue, Stream } from "effect"
import { EventLog } from "../EventLog.ts"
import { threadKey } from "../threadKey.ts"
import { ThreadTrace } from "./ThreadTrace.ts"
import type { Tracing } from "./Tracing.ts"

/** Committed batches that wait to be folded; more are left out. */
const BACKLOG = 4_096

/** Threads that are kept, with or without open turns. One that is not has its events read again. */
const THREADS = 10_000

const PAGE = 1_000

/** How long the last spans may keep a process from closing. */
const CLOSING = "2 seconds"

interface Committed {
  readonly events: ReadonlyArray<LoggedEvent>
  readonly providers: ReadonlyMap<string, string>
}

export const makeTurnTraces = Effect.fnUntraced(function* (tracing: Tracing) {
  const log = yield* EventLog
  const queue = yield* Queue.dropping<Committed, Cause.Done>(BACKLOG)
  const threads = new Map<string, ThreadTrace>()

  /** Brings a thread up to `version`, without telling of spans: others did. */
  const catchUp = Effect.fnUntraced(function* (thread: ThreadTrace, event: LoggedEvent) {
    while (thread.version < event.version - 1) {
      const events = yield* log.readThread({
        tenant: event.tenant,
        threadId: event.threadId,
        afterVersion: thread.version,
        limit: Math.min(PAGE, event.version - 1 - thread.version)
      })
      if (events.length === 0) return
      for (const missed of events) thread.advance(missed, undefined)
    }
  })

  const threadBefore = Effect.fnUntraced(function* (key: string, event: LoggedEvent) {
    const known = threads.get(key)
    if (known !== undefined) {
      yield* catchUp(known, event)
      if (known.covers(event)) return known
    }
    const beginsHere = known === undefined && event.type === "thread.turn-start-requested"
    const thread = new ThreadTrace(log.logId, tracing, beginsHere ? event.version - 1 : 0)
    yield* catchUp(thread, event)
    return thread
  })

  const take = Effect.fnUntraced(function* (event: LoggedEvent, provider: string | undefined) {
    const key = threadKey(event)
    const thread = yield* threadBefore(key, event)
    threads.delete(key)
    threads.set(key, thread)
    if (threads.size > THREADS) threads.delete(threads.keys().next().value!)
    for (const span of thread.advance(event, provider)) tracing.end(span)
  })

  const takeAll = ({ events, providers }: Committed) =>
    Effect.forEach(
      events,
      (event) =>
        Effect.catchTag(take(event, providers.get(threadKey(event))), "Unavailable", () =>
          Effect.sync(() => void threads.delete(threadKey(event)))
        ),
      { discard: true }
    )

  const folding = yield* Stream.fromQueue(queue).pipe(
    Stream.runForEach(takeAll),
    // A bug of ours. Turns go on without their traces.
    Effect.catchCause((cause) => Effect.logError("Turns are not traced any more", cause)),
    Effect.withTracerEnabled(false),
    Effect.forkDetach({ startImmediately: true })
  )
  yield* Effect.addFinalizer(() =>
    Queue.end(queue).pipe(
      Effect.andThen(Fiber.await(folding)),
      Effect.timeoutOption(CLOSING),
      Effect.andThen(Fiber.interrupt(folding))
    )
  )

  return {
    /** What an append committed. `providers`: see `RuntimeBatch.provider`, by thread. */
    committed: (events: ReadonlyArray<LoggedEvent>, providers: ReadonlyMap<string, string>): void => {
      if (events.length > 0) Queue.offerUnsafe(queue, { events, providers })
    }
  }
})
