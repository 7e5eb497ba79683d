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

  /**
   * Commits the outbox, and with it, or once it is old, un-flushed text. False when the session is over. `provider`: of the step that is
   * opened with it.
   *
   * A bug of ours in one command must not take its neighbours with it, nor stop the session: the guilty one is left out. Where nobody knows
   * which one it is, those before it are committed by themselves, half as many at each try; the cursor moves with the last of all.
   */
  const commit = Effect.fnUntraced(function* (provider?: string): Effect.fn.Return<boolean> {
    writer.keep(now())
    let most = Number.POSITIVE_INFINITY
    while (writer.pending().length + writer.unflushed().length > 0) {
      const commands = writer.pending().slice(0, most)
      const isAll = commands.length === writer.pending().length
      // No event comes before them.
      if (commands.length === 0) showLive()
      const durable = isAll ? writer.durableThrough() : through
      const result = yield* Effect.result(
        ingest(commands, isAll ? writer.unflushed() : [], durable, provider)
      )
      if (result._tag === "Failure") {
        const { failure } = result
        if (failure._tag !== "CommandFailed") return false
        if (failure.index === undefined && commands.length > 1) {
          most = Math.ceil(commands.length / 2)
          continue
        }
        yield* Effect.logError("A runtime command could not be committed", failure)
        if (commands.length === 0) writer.confirm(0, state.version)
        else writer.refuse(failure.index ?? 0, failure.message)
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
      if (isAll) writer.confirm(commands.length, state.version)
      else writer.confirmFirst(commands.length, state.version)
      most = Number.POSITIVE_INFINITY
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
    /** Whether the thread still has the turn open, as this session left it. */
    isOpen: () => state.active?.turnId === turnId && state.active.session?.generation === generation,
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
