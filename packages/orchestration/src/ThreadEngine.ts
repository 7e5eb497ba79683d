/**
 * The one place that appends. Commands wait in a bounded queue; a batch is drained, decided on committed state and committed as one
 * append; the next batch forms meanwhile. A receipt means committed.
 */
import {
  type ClientCommand,
  type Receipt,
  type TenantId,
  type ThreadId,
  wellFormedJson
} from "@spillway/contracts"
import { type Cause, Context, Deferred, Effect, Fiber, Layer, Option, Queue, Tracer } from "effect"
import { makeAnswers } from "./engine/answers.ts"
import { leaseLost, makeCommitBatch } from "./engine/commitBatch.ts"
import { makeEngineMetrics } from "./engine/engineMetrics.ts"
import { makeEngineTraces } from "./engine/engineTraces.ts"
import { type ClientEntry, type Entry, fingerprintOf, type RuntimeEntry } from "./engine/Entry.ts"
import { makeThreadCache } from "./engine/ThreadCache.ts"
import { makeUnanswered } from "./engine/unanswered.ts"
import { CommandFailed, type LeaseLost } from "./EngineError.ts"
import { type OutcomeUnknown, Unavailable } from "./EventLog.ts"
import { showGauge } from "./metrics/instruments.ts"
import { metrics } from "./metrics/metrics.ts"
import { NodeLease } from "./NodeLease.ts"
import { Publisher } from "./Publisher.ts"
import type { CommandOrigin, RuntimeBatch, RuntimeOutcome } from "./RuntimeBatch.ts"
import type { ThreadState } from "./thread/ThreadState.ts"

export class ThreadEngine extends Context.Service<
  ThreadEngine,
  {
    /**
     * A client's command: its receipt, after commit. The same command again gets the same receipt. While the database is away it waits for
     * `CommandWait`, then fails: `Unavailable` when nothing of it was committed, nor will be; `OutcomeUnknown` when it may have been.
     */
    readonly dispatch: (
      origin: CommandOrigin,
      command: ClientCommand
    ) => Effect.Effect<Receipt, Unavailable | OutcomeUnknown | CommandFailed>
    /** Runtime commands of ingestion and recovery. They wait as long, and longer for an append whose outcome is not known yet. */
    readonly ingest: (
      batch: RuntimeBatch
    ) => Effect.Effect<RuntimeOutcome, Unavailable | OutcomeUnknown | CommandFailed | LeaseLost>
    /**
     * The thread's committed state, by whatever process, at least as far as its events were published here. `status: "absent"` when there
     * is no such thread.
     */
    readonly state: (tenant: TenantId, threadId: ThreadId) => Effect.Effect<ThreadState, Unavailable>
  }
>()("@spillway/orchestration/ThreadEngine") {
  static readonly layer = Layer.effect(
    ThreadEngine,
    Effect.gen(function* () {
      const lease = yield* NodeLease
      const publisher = yield* Publisher
      const cache = yield* makeThreadCache
      yield* publisher.onPublish(cache.published)
      const engineMetrics = yield* makeEngineMetrics
      const traces = yield* makeEngineTraces
      const unanswered = yield* makeUnanswered((entry, error) => answers.fail(entry, error))
      const answers = makeAnswers(engineMetrics, traces?.commands ?? null, unanswered.remove)
      let closing = false
      const commitBatch = yield* makeCommitBatch({
        cache,
        metrics: engineMetrics,
        traces,
        answers,
        isClosing: () => closing
      })
      const queue = yield* Queue.bounded<Entry, Cause.Done>(QUEUE_CAPACITY)
      yield* showGauge(metrics.commandQueue, () => Queue.sizeUnsafe(queue))

      const worker = yield* Queue.takeBetween(queue, 1, BATCH_SIZE).pipe(
        Effect.flatMap((entries) =>
          commitBatch(entries).pipe(
            // A bug of ours in one batch must not stop the ones after it.
            Effect.catchCause((cause) =>
              Effect.logError("A batch of commands failed", cause).pipe(
                Effect.andThen(
                  Effect.sync(() => {
                    const error = new CommandFailed({
                      message: "The command failed inside the server.",
                      cause
                    })
                    for (const entry of entries) answers.fail(entry, error)
                  })
                )
              )
            ),
            Effect.uninterruptible
          )
        ),
        Effect.forever,
        Effect.ignoreCause,
        // The engine says itself what of its work is seen in traces.
        Effect.withTracerEnabled(false),
        Effect.forkDetach({ startImmediately: true })
      )
      // Closing takes no more, and commits what was taken, as long as that may wait.
      yield* Effect.addFinalizer(() =>
        Effect.suspend(() => {
          closing = true
          return Effect.andThen(Queue.end(queue), Fiber.await(worker))
        })
      )

      const submit = <A, E>(
        entry: Entry,
        answer: Deferred.Deferred<A, E>
      ): Effect.Effect<A, E | Unavailable> =>
        Effect.suspend(() => {
          if (closing) return Effect.fail(shutDown)
          unanswered.add(entry)
          if (Queue.offerUnsafe(queue, entry)) return Deferred.await(answer)
          // No room: the wait for it counts, too.
          return Effect.raceFirst(
            Effect.flatMap(Queue.offer(queue, entry), (taken): Effect.Effect<A, E | Unavailable> =>
              taken ? Effect.never : Effect.fail(shutDown)
            ),
            Deferred.await(answer)
          )
        })

      const dispatch = (origin: CommandOrigin, command: ClientCommand, caller?: Tracer.AnySpan) => {
        const formed = wellFormedJson(command)
        const entry: ClientEntry = {
          kind: "client",
          origin,
          command: formed,
          fingerprint: fingerprintOf(formed),
          since: performance.now(),
          caller,
          isSent: false,
          answer: Deferred.makeUnsafe()
        }
        return submit(entry, entry.answer)
      }

      return ThreadEngine.of({
        dispatch:
          traces === null
            ? dispatch
            : (origin, command) =>
                Effect.flatMap(Effect.serviceOption(Tracer.ParentSpan), (caller) =>
                  dispatch(origin, command, Option.getOrUndefined(caller))
                ),
        ingest: Effect.fnUntraced(function* (batch) {
          const epoch = yield* lease.epoch
          if (epoch === null) return yield* leaseLost
          const entry: RuntimeEntry = {
            kind: "runtime",
            batch: {
              ...batch,
              commands: wellFormedJson(batch.commands),
              ...(batch.checkpoint !== undefined && { checkpoint: wellFormedJson(batch.checkpoint) })
            },
            epoch,
            isSent: false,
            answer: Deferred.makeUnsafe()
          }
          return yield* submit(entry, entry.answer)
        }),
        state: (tenant, threadId) => Effect.map(cache.get(tenant, threadId), (thread) => thread.state)
      })
    })
  )
}

/** Commands that wait for a batch; beyond, senders wait. */
const QUEUE_CAPACITY = 4_096

/** The most commands in one append. */
const BATCH_SIZE = 512

const shutDown = new Unavailable({
  message: "The server is shutting down. Send the command again when it is back."
})
