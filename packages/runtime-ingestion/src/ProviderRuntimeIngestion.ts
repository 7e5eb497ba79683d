/**
 * Runs the sessions of this process: for each claimed turn a runtime, a bounded lane, and a worker that takes what the runtime
 * reports to the log. Answers the RuntimeSessions port, through which reactors and recovery reach it.
 */
import {
  type ProviderRuntimeEvent,
  type SourceAddress,
  type TenantId,
  type ThreadId
} from "@spillway/contracts"
import {
  countersOf,
  EventLog,
  followAgain,
  makeTracing,
  metrics,
  RuntimeSessions,
  type SessionClaim,
  showGauge,
  ThreadEngine,
  threadKey,
  withinSession
} from "@spillway/orchestration"
import { Context, Effect, Layer, Scope } from "effect"
import { DeliveryModeRefs } from "./DeliveryModeRefs.ts"
import { IngestionBudget } from "./lanes/IngestionBudget.ts"
import { LiveLane } from "./LiveLane.ts"
import { type ProviderRuntime, RuntimeFailed, SessionClosed } from "./ProviderRuntime.ts"
import { ProviderRuntimes } from "./ProviderRuntimes.ts"
import { sessionFailed } from "./session/committer.ts"
import { makeSession, type Session } from "./session/Session.ts"
import { startingPoint } from "./session/startingPoint.ts"
import type { Flushed } from "./turn/OpenPart.ts"
import { turnInput } from "./turn/turnInput.ts"

export class ProviderRuntimeIngestion extends Context.Service<
  ProviderRuntimeIngestion,
  {
    /**
     * Events of a runtime that numbers them itself. Returns on admission to the lane. One at or below the last number is ignored, one of
     * another generation or of a session that is over is `SessionClosed`.
     */
    readonly offer: (
      thread: { readonly tenant: TenantId; readonly threadId: ThreadId },
      source: SourceAddress,
      event: ProviderRuntimeEvent
    ) => Effect.Effect<void, SessionClosed>
    /** The latched delivery modes: one for each thread whose turn runs here. */
    readonly modes: DeliveryModeRefs
    /** Sessions that run in this process. */
    readonly sessionCount: () => number
  }
>()("@spillway/runtime-ingestion/ProviderRuntimeIngestion") {
  static readonly layer = Layer.effectContext(
    Effect.gen(function* () {
      const engine = yield* ThreadEngine
      const runtimes = yield* ProviderRuntimes
      const services = yield* Effect.context<EventLog | ThreadEngine | LiveLane | IngestionBudget>()
      const sessions = new Map<string, Session>()
      const starting = new Map<string, SessionClaim>()
      const modes = new DeliveryModeRefs()
      const tracing = yield* makeTracing
      const { logId } = yield* EventLog
      yield* showGauge(metrics.sessions, () => sessions.size)
      const flushes = yield* countersOf(metrics.textFlushes)
      const flushedUnits = yield* countersOf(metrics.textFlushed)
      const flushed: Flushed = (reason, units) => {
        flushes[reason].add()
        flushedUnits[reason].add(units)
      }

      const start = Effect.fn("RuntimeSessions.start")(function* (claim: SessionClaim) {
        const key = threadKey(claim)
        starting.set(key, claim)
        const { resume, state, view } = yield* startingPoint(claim).pipe(
          Effect.ensuring(Effect.sync(() => void starting.delete(key)))
        )
        const input = turnInput(view, claim.turnId)
        if (input === undefined || state.active?.session?.generation !== claim.generation) return
        const mode = modes.latch(key, claim.turnId, state.turns[claim.turnId]!.mode)
        const scope = yield* Scope.make()
        const session: Session = yield* makeSession({
          claim,
          state,
          resume,
          mode,
          input,
          scope,
          flushed,
          within: withinSession(tracing, logId, claim),
          runtime: runtimes.find(input.choice) ?? unknownRuntime(input.choice.runtime ?? "", runtimes.all),
          onEnd: Effect.sync(() => {
            modes.release(key, claim.turnId)
            if (sessions.get(key)?.claim === claim) sessions.delete(key)
          })
        })
        sessions.set(key, session)
        if (state.active.interruptRequested) yield* session.interrupt
      })

      const giveUp = ({ runtime, tenant, threadId, turnId }: SessionClaim) =>
        engine.ingest({
          tenant,
          threadId,
          actor: `runtime:${runtime}`,
          commands: [
            {
              type: "thread.turn.close",
              turnId,
              outcome: "failed",
              reason: "session-failed",
              error: sessionFailed
            }
          ],
          cursor: null
        })

      const releaseAll = Effect.suspend(() =>
        Effect.forEach([...sessions.values()], (session) => session.release, {
          concurrency: "unbounded",
          discard: true
        })
      )
      yield* Effect.addFinalizer(() => releaseAll)

      const withSession = (
        thread: { readonly tenant: TenantId; readonly threadId: ThreadId },
        use: (session: Session) => Effect.Effect<void>
      ) =>
        Effect.suspend(() => {
          const session = sessions.get(threadKey(thread))
          return session === undefined ? Effect.void : use(session)
        })

      return Context.make(RuntimeSessions, {
        traits: (choice) => {
          const { canSteer, name, resumable } = runtimes.find(choice) ?? runtimes.default
          return { runtime: name, resumable, canSteer }
        },
        outlivesServer: (runtime) => runtimes.find({ runtime })?.outlivesServer === true,
        start: (claim) =>
          start(claim).pipe(
            Effect.provide(services),
            Effect.retry({ schedule: followAgain }),
            // A bug of ours. The claim stands and nobody runs it, so the turn ends here.
            Effect.catchCause((cause) =>
              Effect.andThen(
                Effect.logError("A session could not start", cause),
                Effect.ignore(giveUp(claim))
              )
            ),
            // Inherited by everything that the session does.
            Effect.annotateLogs({
              threadId: claim.threadId,
              turnId: claim.turnId,
              sessionId: claim.sessionId,
              generation: claim.generation
            })
          ),
        interrupt: (thread) =>
          withSession(thread, (session) =>
            session.claim.turnId === thread.turnId ? session.interrupt : Effect.void
          ),
        respond: (answer) =>
          withSession(answer, (session) => session.respond(answer.requestId, answer.response)),
        steer: (thread) => withSession(thread, (session) => session.steer),
        isRunning: (sessionId, generation) => {
          const runs = (claim: SessionClaim) =>
            claim.sessionId === sessionId && claim.generation === generation
          return [...starting.values()].some(runs) || [...sessions.values()].some(({ claim }) => runs(claim))
        },
        releaseAll
      }).pipe(
        Context.add(ProviderRuntimeIngestion, {
          offer: (thread, source, event) =>
            Effect.suspend(() => {
              const session = sessions.get(threadKey(thread))
              return session === undefined ||
                session.claim.sessionId !== source.sessionId ||
                session.claim.generation !== source.generation
                ? Effect.fail(new SessionClosed({ message: "No session of that generation runs here." }))
                : session.emit(event, source.sourceSequence)
            }),
          modes,
          sessionCount: () => sessions.size
        })
      )
    })
  )
}

/** Fails the turn with the names that would have done. */
const unknownRuntime = (name: string, known: ReadonlyArray<ProviderRuntime>): ProviderRuntime => ({
  name,
  resumable: false,
  canSteer: false,
  announcesSteps: true,
  runTurn: () =>
    Effect.fail(
      new RuntimeFailed({
        code: "RuntimeUnknown",
        message: `There is no runtime "${name}" here. Choose one of: ${known.map((runtime) => runtime.name).join(", ")}.`
      })
    )
})
