/**
 * Puts in order what the last holder of the lease left behind, with explicit reasons, so that no thread is busy for ever. What the
 * checkpoint holds of a lost session's text goes to the log first. Doing it twice does nothing. Live turns of this process are left
 * alone.
 */
import type { RuntimeCommand, TenantId, ThreadId } from "@spillway/contracts"
import { Effect } from "effect"
import { EventLog } from "../EventLog.ts"
import { ReadModels } from "../ReadModels.ts"
import { RuntimeSessions } from "../RuntimeSessions.ts"
import { isEmpty } from "../thread/record.ts"
import { canPark } from "../thread/session/canPark.ts"
import type { ThreadState } from "../thread/ThreadState.ts"
import { ThreadEngine } from "../ThreadEngine.ts"
import { ingestWithText } from "./ingestWithText.ts"

interface Thread {
  readonly tenant: TenantId
  readonly threadId: ThreadId
}

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
 * @param isNew whether the thread has changed since reactors last acted. A turn that nobody claimed before that is history.
 */
export const recoveryOf = (
  state: ThreadState,
  {
    isNew,
    outlives,
    runsHere
  }: { readonly runsHere: boolean; readonly outlives: boolean; readonly isNew: boolean }
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
  if (active.session === null) {
    if (active.interruptRequested) return close("interrupted")
    if (!isEmpty(active.pendingRequests)) return { do: "nothing", because: "waits-for-an-answer" }
    return isNew ? { do: "start", because: "was-not-claimed" } : close("imported")
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
 * @param actedThrough the position up to which the last holder had acted.
 * @param busy told of the state of each busy thread, as it was found.
 */
export const reconcile = Effect.fn("reconcile")(function* (options: {
  readonly head: number
  readonly actedThrough: number
  readonly busy: (state: ThreadState) => void
}) {
  const engine = yield* ThreadEngine
  const log = yield* EventLog
  const readModels = yield* ReadModels
  const sessions = yield* RuntimeSessions
  yield* readModels.waitFor(options.head)

  const isNew = Effect.fnUntraced(function* ({ tenant, threadId }: Thread, version: number) {
    const [last] = yield* log.readThread({ tenant, threadId, afterVersion: version - 1, limit: 1 })
    return last !== undefined && last.position > options.actedThrough
  })

  const recover = Effect.fnUntraced(function* (thread: Thread) {
    const state = yield* engine.state(thread.tenant, thread.threadId)
    options.busy(state)
    const session = state.active?.session
    const runsHere =
      session !== undefined && session !== null && sessions.isRunning(session.sessionId, session.generation)
    const outlives = !!session && sessions.outlivesServer(session.runtime)
    const recovery = recoveryOf(state, { runsHere, outlives, isNew: yield* isNew(thread, state.version) })
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
    yield* ingestWithText(state, { ...thread, actor: "spillway", commands: recovery.commands, cursor: null })
    // Its end may have started the next one in the queue; and what parked goes on if it has its answers.
    return [thread]
  })

  const threads = yield* readModels.busyThreads
  return (yield* Effect.forEach(threads, recover, { concurrency: 16 })).flat()
})
