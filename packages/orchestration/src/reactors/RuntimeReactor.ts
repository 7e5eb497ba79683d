/**
 * Acts on what was committed: starts the runtime of a turn, interrupts it, hands it answers and steering messages. The log is the
 * outbox. It looks at the folded state at the head, never at the old event alone, so that doing it twice does nothing.
 *
 * Only the holder of the lease acts. Taking the lease over begins with reconciling what the last holder left behind.
 */
import { type LoggedEvent, sessionIdOf, type TenantId, type ThreadId } from "@spillway/contracts"
import { Effect, Layer, Stream } from "effect"
import { CommandFailed, type LeaseLost } from "../EngineError.ts"
import { EventLog, type OutcomeUnknown, type Unavailable } from "../EventLog.ts"
import { showGauge, showGaugeOf } from "../metrics/instruments.ts"
import { metrics } from "../metrics/metrics.ts"
import { NodeLease } from "../NodeLease.ts"
import { followAgain, Publisher } from "../Publisher.ts"
import type { Thread } from "../recovery/busyThreads.ts"
import { settleHistory, settleHistoryFirst } from "../recovery/history.ts"
import { reconcile } from "../recovery/reconcile.ts"
import { RuntimeSessions } from "../RuntimeSessions.ts"
import { isEmpty } from "../thread/record.ts"
import { ThreadEngine } from "../ThreadEngine.ts"
import { threadKey } from "../threadKey.ts"
import { ActiveTurns } from "./ActiveTurns.ts"

/** Threads that are acted on at once. */
const CONCURRENCY = 64

/**
 * Claims the active turn and starts its runtime, unless somebody did already or it waits for an answer. The claim is committed
 * first: of two that try, one is refused.
 */
const claimAndStart = Effect.fn("RuntimeReactor.claimAndStart")(function* (
  tenant: TenantId,
  threadId: ThreadId
) {
  const engine = yield* ThreadEngine
  const sessions = yield* RuntimeSessions
  const { active, generation, turns } = yield* engine.state(tenant, threadId)
  if (active === null || active.session !== null || !isEmpty(active.pendingRequests)) return
  const traits = sessions.traits(turns[active.turnId]!.choice)
  const claim = {
    tenant,
    threadId,
    turnId: active.turnId,
    sessionId: sessionIdOf(tenant, threadId),
    generation: generation + 1,
    runtime: traits.runtime
  }
  const outcome = yield* engine.ingest({
    tenant,
    threadId,
    actor: `runtime:${traits.runtime}`,
    commands: [
      {
        type: "thread.session.open",
        turnId: claim.turnId,
        sessionId: claim.sessionId,
        generation: claim.generation,
        ...traits
      }
    ],
    cursor: null
  })
  if (outcome._tag === "Committed") yield* sessions.start(claim)
})

/** What one committed event asks of the runtimes here. */
const react = Effect.fnUntraced(function* (event: LoggedEvent) {
  const sessions = yield* RuntimeSessions
  const thread = { tenant: event.tenant, threadId: event.threadId }
  switch (event.type) {
    case "thread.turn-started":
    case "thread.request-withdrawn":
      return yield* claimAndStart(event.tenant, event.threadId)
    case "thread.request-resolved":
      yield* sessions.respond({ ...thread, requestId: event.data.requestId, response: event.data.response })
      return yield* claimAndStart(event.tenant, event.threadId)
    case "thread.session-closed":
      // It waited for answers, and may have got them while it closed.
      return event.data.reason === "parked" ? yield* claimAndStart(event.tenant, event.threadId) : undefined
    case "thread.turn-interrupt-requested":
      return yield* sessions.interrupt({ ...thread, turnId: event.data.turnId })
    case "thread.turn-steered":
      return yield* sessions.steer({ ...thread, turnId: event.data.turnId })
    default:
      return
  }
})

/**
 * Does what reacting to a thread asks for, as often as it takes: the threads beside it do not wait for each other, and are not interrupted
 * between a claim and its runtime's start because another one met an outage. A bug of ours in it must not stop reactions to what comes
 * behind it, and to other threads.
 */
const untilDone = <R>(
  reaction: Effect.Effect<void, Unavailable | OutcomeUnknown | CommandFailed | LeaseLost, R>,
  thread: Thread
) => {
  const leave = (cause: unknown) =>
    Effect.logError("A reaction failed", { tenant: thread.tenant, threadId: thread.threadId }, cause)
  return reaction.pipe(
    Effect.catchTag("CommandFailed", leave),
    Effect.catchDefect(leave),
    Effect.retry({ schedule: followAgain, while: (error) => error._tag !== "LeaseLost" })
  )
}

/** Events of one thread in order, threads side by side. */
const reactToAll = (events: ReadonlyArray<LoggedEvent>) => {
  const threads = Map.groupBy(events, threadKey)
  return Effect.forEach(
    Array.from(threads.values()),
    (list) => Effect.forEach(list, (event) => untilDone(react(event), event), { discard: true }),
    { concurrency: CONCURRENCY, discard: true }
  )
}

/** All that the holder of the lease does, for as long as it holds it. */
const actUnder = Effect.fnUntraced(function* (epoch: number, turns: ActiveTurns) {
  const publisher = yield* Publisher
  const log = yield* EventLog
  const historyThrough = yield* settleHistory(epoch)
  const head = yield* log.head
  turns.clear()
  const toStart = yield* reconcile({
    head,
    historyThrough,
    busy: (state) => turns.begin(state)
  })
  yield* Effect.forEach(
    toStart,
    (thread) => untilDone(claimAndStart(thread.tenant, thread.threadId), thread),
    {
      concurrency: CONCURRENCY,
      discard: true
    }
  )
  yield* publisher.follow(head).pipe(
    Stream.runForEach((events) =>
      Effect.suspend(() => {
        for (const event of events) turns.take(event)
        return reactToAll(events)
      })
    )
  )
})

export const layerRuntimeReactor = Layer.effectDiscard(
  Effect.gen(function* () {
    const lease = yield* NodeLease
    const sessions = yield* RuntimeSessions
    const turns = new ActiveTurns()
    yield* settleHistoryFirst
    let isHeld = false
    yield* showGauge(metrics.leaseHeld, () => Number(isHeld))
    yield* showGaugeOf(metrics.activeTurns, "running", () => turns.running())
    yield* showGaugeOf(metrics.activeTurns, "parked", () => turns.parked())

    const withLease = (epoch: number) =>
      actUnder(epoch, turns).pipe(
        Effect.catchDefect((cause) => Effect.fail(new CommandFailed({ message: "Reactors failed.", cause }))),
        Effect.tapError((error) =>
          // Of an outage the log tells once.
          Effect.logWithLevel(error._tag === "Unavailable" ? "Debug" : "Warn")(
            "Reactors start again",
            error.message
          )
        ),
        Effect.retry({ schedule: followAgain, while: (error) => error._tag !== "LeaseLost" }),
        Effect.ignore
      )
    const withoutLease = Effect.andThen(
      Effect.sync(() => turns.clear()),
      sessions.releaseAll
    )

    yield* lease.changes.pipe(
      Stream.tap((epoch) => Effect.sync(() => (isHeld = epoch !== null))),
      Stream.switchMap((epoch) => Stream.fromEffect(epoch === null ? withoutLease : withLease(epoch))),
      Stream.runDrain,
      // What it reads of the log is no part of any trace.
      Effect.withTracerEnabled(false),
      Effect.forkScoped
    )
  })
)
