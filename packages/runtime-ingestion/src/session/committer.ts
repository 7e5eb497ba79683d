/**
 * The session's way to the log: commits what the writer wants committed, with the session's cursor, and knows the thread's state as of
 * then.
 */
import type { Failure, RuntimeCommand } from "@spillway/contracts"
import {
  canPark,
  EventLog,
  ingestWithText,
  type SessionClaim,
  ThreadEngine,
  type ThreadState,
  type UnflushedText
} from "@spillway/orchestration"
import { Effect, Schedule } from "effect"
import { LiveLane } from "../LiveLane.ts"
import type { TurnWriter } from "../turn/TurnWriter.ts"

/** A commit that can't reach the database is tried again for as long as it takes; meanwhile the lane takes nothing more. */
const untilCommitted = {
  schedule: Schedule.min([Schedule.exponential("50 millis"), Schedule.spaced("2 seconds")]),
  while: (error: { readonly _tag: string }) => error._tag === "Unavailable" || error._tag === "OutcomeUnknown"
}

/** Ends a turn that the server itself can't go on with. */
export const sessionFailed: Failure = {
  code: "SessionFailed",
  message: "The server failed while it recorded this turn, and its log says why. Retry the turn.",
  retryable: true
}

export const makeCommitter = Effect.fnUntraced(function* (options: {
  readonly claim: SessionClaim
  readonly runtime: string
  readonly writer: TurnWriter
  readonly state: ThreadState
  readonly now: () => number
}) {
  const { claim, now, runtime, writer } = options
  const { generation, sessionId, tenant, threadId, turnId } = claim
  const engine = yield* ThreadEngine
  const live = yield* LiveLane
  const services = yield* Effect.context<EventLog | ThreadEngine>()
  let state = options.state
  let through = writer.durableThrough()

  const batchOf = (commands: ReadonlyArray<RuntimeCommand>, through: number) => ({
    tenant,
    threadId,
    actor: `runtime:${runtime}`,
    commands,
    cursor: { sessionId, generation, through }
  })

  const ingest = (
    commands: ReadonlyArray<RuntimeCommand>,
    checkpoint: ReadonlyArray<UnflushedText>,
    durable: number,
    provider: string | null = null
  ) =>
    engine.ingest({ ...batchOf(commands, durable), checkpoint, provider }).pipe(Effect.retry(untilCommitted))

  const showLive = () => {
    for (const frame of writer.takeLive()) live.publish(tenant, frame)
  }

  /** What others committed to the thread since: an answer, a steering message. */
  const refresh = Effect.map(
    Effect.orElseSucceed(engine.state(tenant, threadId), () => state),
    (now) => (state = now)
  )

  /** Commits the outbox, and with it, or once it is old, un-flushed text. False when the session is over. `provider`: of the step that is opened with it. */
  const commit = Effect.fnUntraced(function* (provider?: string): Effect.fn.Return<boolean> {
    writer.keep(now())
    while (writer.pending().length + writer.unflushed().length > 0) {
      const commands = writer.pending()
      // No event comes before them.
      if (commands.length === 0) showLive()
      const durable = writer.durableThrough()
      const result = yield* Effect.result(ingest(commands, writer.unflushed(), durable, provider))
      if (result._tag === "Failure") {
        if (result.failure._tag !== "CommandFailed") return false
        // A bug of ours in one of them: leave the batch's first command out rather than stop for ever.
        yield* Effect.logError("A runtime command could not be committed", result.failure)
        if (commands.length === 0) writer.confirm(0, state.version)
        else writer.refuse(0, result.failure.message)
        continue
      }
      const outcome = result.success
      if (outcome._tag === "Superseded") return false
      if (outcome._tag === "Refused") {
        const { active } = yield* refresh
        if (active?.turnId !== turnId || active.session?.generation !== generation) return false
        yield* Effect.logWarning("A runtime command was refused", outcome.rejection.message)
        writer.refuse(outcome.index, outcome.rejection.message)
        continue
      }
      state = outcome.state
      through = durable
      writer.confirm(commands.length, state.version)
    }
    showLive()
    return true
  })

  return {
    commit,
    refresh,
    state: () => state,
    /** The source's events up to it are durable. */
    through: () => through,
    /** True while the turn waits for an answer, as far as this session knows. */
    isParked: () => {
      const { active } = state
      return active !== null && !active.interruptRequested && Object.keys(active.pendingRequests).length > 0
    },
    /** True when the turn can go on from the log after this session. */
    canPark: () => state.active !== null && canPark(state.active),
    /** Ends the turn when the session itself failed, so that it does not stay open; what the checkpoint holds of its text stays. */
    giveUp: Effect.flatMap(refresh, (state) =>
      ingestWithText(
        state,
        batchOf(
          [
            {
              type: "thread.turn.close",
              turnId,
              outcome: "failed",
              reason: "session-failed",
              error: sessionFailed
            }
          ],
          writer.sequence
        )
      )
    ).pipe(Effect.retry(untilCommitted), Effect.provide(services))
  }
})

export type Committer = Effect.Success<ReturnType<typeof makeCommitter>>
