/**
 * The one place that appends. Commands wait in a bounded queue; a batch is drained, decided on committed state and committed as one
 * append; the next batch forms meanwhile. A receipt means committed.
 */
import type {
  ClientCommand,
  Receipt,
  Rejection,
  RuntimeCommand,
  SessionId,
  TenantId,
  ThreadId
} from "@spillway/contracts"
import { wellFormedJson } from "@spillway/contracts"
import { Cause, Context, Deferred, Effect, Fiber, Layer, Queue, Schema } from "effect"
import { leaseLost, makeCommitBatch } from "./engine/commitBatch.ts"
import { type ClientEntry, type Entry, failEntry, fingerprintOf, type RuntimeEntry } from "./engine/Entry.ts"
import { makeThreadCache } from "./engine/ThreadCache.ts"
import { type OutcomeUnknown, Unavailable } from "./EventLog.ts"
import { NodeLease } from "./NodeLease.ts"
import type { ThreadState } from "./thread/ThreadState.ts"

/** Who sends a client's command, as the door it came through knows it. */
export interface CommandOrigin {
  readonly tenant: TenantId
  readonly actor: string
  readonly correlationId: string | null
}

/** Runtime commands that are committed together or not at all, each decided on the state that the one before it leaves. */
export interface RuntimeBatch {
  readonly tenant: TenantId
  readonly threadId: ThreadId
  /** `runtime:<name>`, or `spillway` for recovery. */
  readonly actor: string
  readonly commands: ReadonlyArray<RuntimeCommand>
  /**
   * The session's events up to `through` are durable with this batch. `null` for what does not come from a session: claims and
   * recovery.
   */
  readonly cursor: { readonly sessionId: SessionId; readonly generation: number; readonly through: number } | null
}

export type RuntimeOutcome =
  /** `state` is the thread's after the commit. */
  | { readonly _tag: "Committed"; readonly state: ThreadState }
  /** The command at `index` was refused, so none of the batch was committed. */
  | { readonly _tag: "Refused"; readonly index: number; readonly rejection: Rejection }
  /** The session's cursor is at or past this batch already, or a newer generation took over. */
  | { readonly _tag: "Superseded" }

/** This process does not hold the lease any more, so it may not speak for runtimes. */
export class LeaseLost extends Schema.TaggedError<LeaseLost>("@spillway/orchestration/LeaseLost")("LeaseLost", {
  message: Schema.String
}) {}

/** Deciding or committing this one command fails in a way that is a bug of ours; its neighbours went on. */
export class CommandFailed extends Schema.TaggedError<CommandFailed>("@spillway/orchestration/CommandFailed")(
  "CommandFailed",
  { message: Schema.String, cause: Schema.optionalKey(Schema.Defect()) }
) {}

export class ThreadEngine extends Context.Service<
  ThreadEngine,
  {
    /** A client's command: its receipt, after commit. The same command again gets the same receipt. */
    readonly dispatch: (
      origin: CommandOrigin,
      command: ClientCommand
    ) => Effect.Effect<Receipt, Unavailable | OutcomeUnknown | CommandFailed>
    /** Runtime commands of ingestion and recovery. */
    readonly ingest: (
      batch: RuntimeBatch
    ) => Effect.Effect<RuntimeOutcome, Unavailable | OutcomeUnknown | CommandFailed | LeaseLost>
    /** The thread's committed state. `status: "absent"` when there is no such thread. */
    readonly state: (tenant: TenantId, threadId: ThreadId) => Effect.Effect<ThreadState, Unavailable>
  }
>()("@spillway/orchestration/ThreadEngine") {
  static readonly layer = Layer.effect(
    ThreadEngine,
    Effect.gen(function*() {
      const lease = yield* NodeLease
      const cache = yield* makeThreadCache
      const commitBatch = yield* makeCommitBatch(cache)
      const queue = yield* Queue.bounded<Entry, Cause.Done>(QUEUE_CAPACITY)

      const worker = yield* Queue.takeBetween(queue, 1, BATCH_SIZE).pipe(
        Effect.flatMap((entries) =>
          commitBatch(entries).pipe(
            // A bug of ours in one batch must not stop the ones after it.
            Effect.catchCause((cause) =>
              Effect.logError("A batch of commands failed", cause).pipe(
                Effect.andThen(
                  Effect.sync(() => {
                    const error = new CommandFailed({ message: "The command failed inside the server.", cause })
                    for (const entry of entries) failEntry(entry, error)
                  })
                )
              )
            ),
            Effect.uninterruptible
          )
        ),
        Effect.forever,
        Effect.catchCause(() => Effect.void),
        Effect.forkDetach({ startImmediately: true })
      )
      // Closing takes no more, and commits what was taken.
      yield* Effect.addFinalizer(() => Effect.andThen(Queue.end(queue), Fiber.await(worker)))

      const submit = <A, E>(entry: Entry, answer: Deferred.Deferred<A, E>): Effect.Effect<A, E | Unavailable> =>
        Effect.flatMap(Queue.offer(queue, entry), (taken): Effect.Effect<A, E | Unavailable> =>
          taken ? Deferred.await(answer) : Effect.fail(closing)
        )

      return ThreadEngine.of({
        dispatch: Effect.fn("ThreadEngine.dispatch")((origin, command) => {
          const formed = wellFormedJson(command)
          const entry: ClientEntry = {
            kind: "client",
            origin,
            command: formed,
            fingerprint: fingerprintOf(formed),
            answer: Deferred.makeUnsafe()
          }
          return submit(entry, entry.answer)
        }),
        ingest: Effect.fnUntraced(function*(batch) {
          const epoch = yield* lease.epoch
          if (epoch === null) return yield* leaseLost
          const entry: RuntimeEntry = {
            kind: "runtime",
            batch: { ...batch, commands: wellFormedJson(batch.commands) },
            epoch,
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

const closing = new Unavailable({ message: "The server is shutting down. Send the command again when it is back." })
