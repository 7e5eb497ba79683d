/**
 * Puts in order what the last holder of the lease left behind, with explicit reasons, so that no thread is busy for ever. What the
 * checkpoint holds of a lost session's text goes to the log first. Doing it twice does nothing. Live turns of this process go on, and
 * are told again what nobody may have told them.
 */
import type { RuntimeCommand } from "@spillway/contracts"
import { Effect } from "effect"
import { EventLog } from "../EventLog.ts"
import { RuntimeSessions } from "../RuntimeSessions.ts"
import { isEmpty } from "../thread/record.ts"
import { canPark } from "../thread/session/canPark.ts"
import type { ThreadState } from "../thread/ThreadState.ts"
import { ThreadEngine } from "../ThreadEngine.ts"
import { busyThreads, type Thread } from "./busyThreads.ts"
import { ingestWithText } from "./ingestWithText.ts"
import { tellAgain } from "./tellAgain.ts"

/** How often a thread is looked at again that a client changed while it was put in order. */
const ROUNDS = 5

/** What recovery does with a busy thread. */
export type Recovery =
  | { readonly do: "nothing"; readonly because: "runs-here" | "waits-for-an-answer" }
  | { readonly do: "start"; readonly because: "was-not-claimed" }
  /** Its runtime is believed to be at work still, and has a while to show up. */
  | { readonly do: "reattach"; readonly because: "runtime-goes-on" }
  | { readonly do: "commit"; readonly because: string; readonly commands: ReadonlyArray<RuntimeCommand> }

/**
 * @param runsHere whether this process runs the thread's session.
 * @param outlives whether the session's runtime goes on without a server.
 * @param isHistory whether the turn was put in by an import.
 */
export const recoveryOf = (
  state: ThreadState,
  {
    isHistory,
    outlives,
    runsHere
  }: { readonly runsHere: boolean; readonly outlives: boolean; readonly isHistory: boolean }
): Recovery | undefined => {
  const { active } = state
  if (active === null) return undefined
  const close = (because: string, first: ReadonlyArray<RuntimeCommand> = []): Recovery => ({
    do: "commit",
    because,
    commands: [
      ...first,
      {
        type: "thread.turn.close",
        turnId: active.turnId,
        outcome: "interrupted",
        reason: because,
        error: null
      }
    ]
  })
  if (isHistory) return close("imported")
  if (active.session === null) {
    if (active.interruptRequested) return close("interrupted")
    if (!isEmpty(active.pendingRequests)) return { do: "nothing", because: "waits-for-an-answer" }
    return { do: "start", because: "was-not-claimed" }
  }
  if (runsHere) return { do: "nothing", because: "runs-here" }
  if (outlives && !active.interruptRequested) return { do: "reattach", because: "runtime-goes-on" }
  const { generation, sessionId } = active.session
  if (canPark(active)) {
    return {
      do: "commit",
      because: "parked",
      commands: [{ type: "thread.session.close", sessionId, generation, reason: "parked" }]
    }
  }
  return close(active.interruptRequested ? "interrupted" : "server-restarted", [
    { type: "thread.session.close", sessionId, generation, reason: "lost" }
  ])
}

/**
 * Reconciles every busy thread; the result is the threads whose active turn is to be started.
 *
 * @param head the log's head when the lease was taken.
 * @param historyThrough the position up to which the log was imported.
 * @param busy told of the state of each busy thread, as it was found.
 */
export const reconcile = Effect.fn("reconcile")(function* (options: {
  readonly head: number
  readonly historyThrough: number
  readonly busy: (state: ThreadState) => void
}) {
  const engine = yield* ThreadEngine
  const log = yield* EventLog
  const sessions = yield* RuntimeSessions

  /** The turns of a thread that was put in by an import, and of which nothing was asked since. */
  const importedTurns = Effect.fnUntraced(function* ({
    active,
    queue,
    tenant,
    threadId,
    version
  }: ThreadState) {
    const [last] = yield* log.readThread({ tenant, threadId, afterVersion: version - 1, limit: 1 })
    const isHistory = last !== undefined && last.position <= options.historyThrough
    return new Set(isHistory && active !== null ? [active.turnId, ...queue] : [])
  })

  const recover = Effect.fnUntraced(function* (thread: Thread) {
    const imported = yield* Effect.flatMap(engine.state(thread.tenant, thread.threadId), importedTurns)
    for (let refused = 0; refused < ROUNDS;) {
      const state = yield* engine.state(thread.tenant, thread.threadId)
      options.busy(state)
      const session = state.active?.session
      const runsHere =
        session !== undefined && session !== null && sessions.isRunning(session.sessionId, session.generation)
      const outlives = !!session && sessions.outlivesServer(session.runtime)
      const isHistory = state.active !== null && imported.has(state.active.turnId)
      const recovery = recoveryOf(state, { runsHere, outlives, isHistory })
      if (runsHere) yield* tellAgain(state)
      if (recovery === undefined || recovery.do === "nothing") return []
      if (recovery.do === "start") return [thread]
      if (recovery.do === "reattach") {
        const { generation, runtime, sessionId } = session!
        yield* sessions.start({
          ...thread,
          turnId: state.active!.turnId,
          sessionId,
          generation,
          runtime,
          reattach: true
        })
        return []
      }
      yield* Effect.logInfo("A turn was left behind", {
        threadId: thread.threadId,
        turnId: state.active?.turnId,
        because: recovery.because
      })
      const outcome = yield* ingestWithText(state, {
        ...thread,
        actor: "spillway",
        commands: recovery.commands,
        cursor: null
      })
      if (outcome._tag !== "Committed") refused++
      // Its end may have started the next one in the queue; and what parked goes on if it has its answers.
      else if (!isHistory) return [thread]
    }
    yield* Effect.logError("A turn that was left behind could not be put in order", thread)
    return []
  })

  /** A bug of ours in one thread must not keep the others from being put in order. */
  const recoverOrLeave = (thread: Thread) => {
    const leave = (cause: unknown) =>
      Effect.as(Effect.logError("A thread could not be put in order", thread, cause), [])
    return recover(thread).pipe(Effect.catchTag("CommandFailed", leave), Effect.catchDefect(leave))
  }

  const threads = yield* busyThreads(options.head)
  return (yield* Effect.forEach(threads, recoverOrLeave, { concurrency: 16 })).flat()
})
