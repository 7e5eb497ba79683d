/**
 * One session: a runtime at work on one turn, and the worker that takes what it reports, in order, to the log.
 *
 * - What the runtime emits waits in a bounded lane. The worker writes it as runtime commands and commits them with the session's
 *   cursor; a commit that fails for want of the database is tried again, for as long as it takes, and meanwhile the lane fills
 *   up and the runtime waits.
 * - The turn ends once: by the runtime, by an interrupt's grace period, by the stall watchdog, or by losing the session.
 */
import {
  type Failure,
  type MessageId,
  type ProviderRuntimeEvent,
  type RequestId,
  type RequestResponse
} from "@spillway/contracts"
import {
  type RuntimeOutcome,
  type SessionClaim,
  ThreadEngine,
  type ThreadState
} from "@spillway/orchestration"
import { Cause, Clock, Deferred, Effect, Exit, Fiber, Schedule, Scope } from "effect"
import { IngestionSettings } from "./IngestionSettings.ts"
import { IngestionBudget } from "./lanes/IngestionBudget.ts"
import { LiveLane } from "./LiveLane.ts"
import {
  type OpenedStep,
  type ProviderRuntime,
  RuntimeFailed,
  type RuntimeSession,
  SessionClosed,
  type TurnInput
} from "./ProviderRuntime.ts"
import { Redactor } from "./Redactor.ts"
import { TurnWriter } from "./turn/TurnWriter.ts"
import { messageText, readThreadView } from "./turn/turnInput.ts"

/** What stands in the lane. Events take part in the budget; the others have reserved room. */
type Input =
  | {
      readonly type: "event"
      /** Given by runtimes that send again; the others' events are numbered as they are admitted. */
      readonly sequence: number | undefined
      readonly event: ProviderRuntimeEvent
    }
  | {
      readonly type: "open-step"
      readonly model: string | null
      readonly opened: Deferred.Deferred<OpenedStep, SessionClosed>
    }
  | { readonly type: "interrupt" }
  | { readonly type: "returned"; readonly exit: Exit.Exit<void, RuntimeFailed | SessionClosed> }
  | { readonly type: "close"; readonly reason: string; readonly error: Failure | null }

/** Inputs that one commit may gather. */
const GATHER = 64

const gone = new SessionClosed({
  message: "The session is over: the turn has ended, or another session took it over."
})

/** A commit that can't reach the database is tried again for as long as it takes. */
const untilCommitted = Schedule.min([Schedule.exponential("50 millis"), Schedule.spaced("2 seconds")])

export interface Session {
  readonly claim: SessionClaim
  readonly emit: (event: ProviderRuntimeEvent, sequence?: number) => Effect.Effect<void, SessionClosed>
  readonly interrupt: Effect.Effect<void>
  readonly respond: (requestId: RequestId, response: RequestResponse) => Effect.Effect<void>
  readonly steer: Effect.Effect<void>
  /** Commits what was taken in, and ends without deciding anything. */
  readonly release: Effect.Effect<void>
  /** Resolves when the session is over and its scope closed. */
  readonly ended: Effect.Effect<void>
}

export const makeSession = Effect.fnUntraced(function* (options: {
  readonly claim: SessionClaim
  readonly state: ThreadState
  readonly runtime: ProviderRuntime
  readonly input: TurnInput
  readonly scope: Scope.Closeable
  readonly onEnd: Effect.Effect<void>
}) {
  const { claim, input, runtime, scope } = options
  const { tenant, threadId, turnId } = claim
  const engine = yield* ThreadEngine
  const live = yield* LiveLane
  const settings = yield* IngestionSettings
  const budget = yield* IngestionBudget
  const redactor = yield* Redactor
  const lane = yield* Scope.provide(budget.lane<Input>(), scope)
  const ended = yield* Deferred.make<void>()
  const interrupted = yield* Deferred.make<void>()
  const answers = new Map<RequestId, Deferred.Deferred<RequestResponse, SessionClosed>>()
  const services = yield* Effect.context<import("@spillway/orchestration").EventLog>()
  const writer = new TurnWriter({
    state: options.state,
    threadId,
    turnId,
    runtime: runtime.name,
    announcesSteps: runtime.announcesSteps,
    redactor,
    limits: settings.limits
  })
  let state = options.state
  let lastEventAt = yield* Clock.currentTimeMillis

  yield* Scope.provide(
    live.source(tenant, threadId, () => writer.tail()),
    scope
  )

  /** True while the turn waits for an answer, as far as this session knows. */
  const isParked = () => {
    const { active } = state
    return active !== null && !active.interruptRequested && Object.keys(active.pendingRequests).length > 0
  }

  // ---- towards the log -------------------------------------------------------------------------------------------

  const ingest = (commands: ReturnType<TurnWriter["pending"]>, through: number) =>
    engine
      .ingest({
        tenant,
        threadId,
        actor: `runtime:${runtime.name}`,
        commands,
        cursor: { sessionId: claim.sessionId, generation: claim.generation, through }
      })
      .pipe(
        Effect.tapError((error) =>
          error._tag === "LeaseLost" ? Effect.void : Effect.logDebug("A commit is tried again", error.message)
        ),
        Effect.retry({
          schedule: untilCommitted,
          while: (error) => error._tag === "Unavailable" || error._tag === "OutcomeUnknown"
        })
      )

  /** Commits the outbox. False when the session is over. */
  const commit = Effect.fnUntraced(function* (): Effect.fn.Return<boolean> {
    while (writer.pending().length > 0) {
      const commands = writer.pending()
      const result = yield* Effect.result(ingest(commands, writer.durableThrough()))
      if (result._tag === "Failure") {
        if (result.failure._tag !== "CommandFailed" || commands.length === 0) return false
        // A bug of ours in one of them: leave the batch's first command out rather than stop for ever.
        yield* Effect.logError("A runtime command could not be committed", result.failure)
        writer.refuse(0, result.failure.message)
        continue
      }
      const outcome: RuntimeOutcome = result.success
      if (outcome._tag === "Superseded") return false
      if (outcome._tag === "Refused") {
        const now = yield* Effect.orElseSucceed(engine.state(tenant, threadId), () => state)
        const session = now.active?.session
        if (now.active?.turnId !== turnId || session?.generation !== claim.generation) return false
        yield* Effect.logWarning("A runtime command was refused", outcome.rejection.message)
        writer.refuse(outcome.index, outcome.rejection.message)
        continue
      }
      state = outcome.state
      writer.confirm(commands.length, state.version)
    }
    for (const frame of writer.takeLive()) live.publish(tenant, frame)
    return true
  })

  // ---- the worker ------------------------------------------------------------------------------------------------

  const openStep = Effect.fnUntraced(function* (input: Extract<Input, { type: "open-step" }>) {
    if (!(yield* commit())) return false
    const now = yield* Effect.orElseSucceed(engine.state(tenant, threadId), () => state)
    const steering = now.active?.turnId === turnId ? now.active.steering.map((steer) => steer.messageId) : []
    const texts = yield* steeringTexts(steering)
    const { messageId, stepId } = writer.openStep(input.model, texts === undefined ? [] : steering)
    const committed = yield* commit()
    if (committed)
      Deferred.doneUnsafe(input.opened, Exit.succeed({ stepId, messageId, steering: texts ?? [] }))
    return committed
  })

  const steeringTexts = (messages: ReadonlyArray<MessageId>) =>
    messages.length === 0
      ? Effect.succeed([] as ReadonlyArray<string>)
      : readThreadView(tenant, threadId).pipe(
          Effect.map((view) => messages.map((messageId) => messageText(view, messageId))),
          // They stay where they are, for the step after this one.
          Effect.orElseSucceed(() => undefined),
          Effect.provide(services)
        )

  const returned = (exit: Exit.Exit<void, RuntimeFailed | SessionClosed>): void => {
    if (Exit.isSuccess(exit)) return writer.close("completed", "stop", null)
    const failure = Cause.findErrorOption(exit.cause)
    if (failure._tag === "Some" && failure.value._tag === "RuntimeFailed") {
      const { code, message, retryable } = failure.value
      return writer.close("failed", "runtime-error", {
        code,
        message,
        ...(retryable === undefined ? {} : { retryable })
      })
    }
    if (failure._tag === "Some" || Cause.hasInterruptsOnly(exit.cause))
      return writer.close("interrupted", "aborted", null)
    writer.close("failed", "runtime-error", {
      code: "RuntimeDefect",
      message: "The runtime failed in a way it should not have. The server's log says more."
    })
  }

  /** Takes one input in. False when the session is over. */
  const handle = Effect.fnUntraced(function* (input: Input): Effect.fn.Return<boolean> {
    switch (input.type) {
      case "event": {
        lastEventAt = yield* Clock.currentTimeMillis
        try {
          writer.accept(input.event, input.sequence ?? writer.sequence + 1, lastEventAt)
        } catch (defect) {
          yield* Effect.logError("A runtime event could not be taken in", { event: input.event.type, defect })
          writer.record({ type: "event-refused", eventType: input.event.type, reason: String(defect) })
        }
        return true
      }
      case "open-step":
        return yield* openStep(input)
      case "interrupt":
        writer.flush()
        return true
      case "returned":
        if (Exit.isFailure(input.exit) && Cause.hasDies(input.exit.cause)) {
          yield* Effect.logError("A provider runtime died", input.exit.cause)
        }
        returned(input.exit)
        return true
      case "close":
        writer.close(input.error === null ? "interrupted" : "failed", input.reason, input.error)
        return true
    }
  })

  /** What comes next: inputs, or nothing when a cut falls due first. */
  const takeInputs = Effect.suspend(() => {
    const there = lane.takeNow(GATHER)
    if (there.length > 0) return Effect.succeed(there)
    const deadline = writer.deadline()
    if (deadline === null) return lane.take(GATHER)
    return Effect.flatMap(Clock.currentTimeMillis, (now) =>
      lane.take(GATHER).pipe(
        Effect.timeoutOrElse({
          duration: Math.max(0, deadline - now),
          orElse: () => Effect.succeed<ReadonlyArray<Input> | undefined>(undefined)
        })
      )
    )
  })

  const work = Effect.gen(function* () {
    while (true) {
      const inputs = yield* takeInputs
      if (inputs !== undefined && inputs.length === 0) {
        // Released: what was taken in goes to the log. Only a turn that waits for a person is decided on: it stays parked.
        writer.flush()
        if ((yield* commit()) && isParked() && runtime.resumable) {
          writer.park()
          yield* commit()
        }
        return
      }
      for (const input of inputs ?? []) {
        if (!(yield* handle(input))) return
      }
      writer.tick(yield* Clock.currentTimeMillis)
      if (!(yield* commit())) return
      lane.done(inputs?.filter((input) => input.type === "event").length ?? 0)
      if (writer.ended) return
    }
  })

  // ---- the runtime's side ----------------------------------------------------------------------------------------

  const emit = (event: ProviderRuntimeEvent, sequence?: number): Effect.Effect<void, SessionClosed> =>
    Effect.flatMap(lane.offer({ type: "event", sequence, event }), (admitted) =>
      admitted ? Effect.void : Effect.fail(gone)
    )

  const control = (input: Input): boolean => lane.offerControl(input)

  const session: RuntimeSession = {
    openStep: ({ model }) =>
      Effect.suspend(() => {
        const opened = Deferred.makeUnsafe<OpenedStep, SessionClosed>()
        return control({ type: "open-step", model, opened })
          ? orGone(Deferred.await(opened))
          : Effect.fail(gone)
      }),
    emit,
    request: Effect.fnUntraced(function* (request) {
      const known = input.turn.requests.find((known) => known.requestId === request.requestId)
      if (known?.response) return known.response
      const answer = Deferred.makeUnsafe<RequestResponse, SessionClosed>()
      answers.set(request.requestId, answer)
      if (known === undefined) yield* emit({ type: "request.opened", ...request })
      return yield* orGone(Deferred.await(answer)).pipe(
        Effect.ensuring(Effect.sync(() => void answers.delete(request.requestId)))
      )
    }),
    interrupted: Deferred.await(interrupted),
    hasSteering: () => (state.active?.steering.length ?? 0) > 0
  }

  const orGone = <A>(effect: Effect.Effect<A, SessionClosed>): Effect.Effect<A, SessionClosed> =>
    Effect.raceFirst(effect, Effect.andThen(Deferred.await(ended), Effect.fail(gone)))

  const runTurn = Effect.scoped(runtime.runTurn(input, session)).pipe(
    Effect.onExit((exit) => Effect.sync(() => void control({ type: "returned", exit })))
  )

  // ---- watchdogs -------------------------------------------------------------------------------------------------

  const stallWatch = Effect.gen(function* () {
    while (true) {
      const now = yield* Clock.currentTimeMillis
      const parked = isParked()
      if (parked) lastEventAt = now
      const left = lastEventAt + settings.stallTimeout - now
      if (left <= 0) {
        control({
          type: "close",
          reason: "stalled",
          error: {
            code: "RuntimeStalled",
            message: `The runtime said nothing for ${Math.round(settings.stallTimeout / 1000)} seconds. Try the turn again.`,
            retryable: true
          }
        })
        return
      }
      yield* Effect.sleep(parked ? Math.min(left, 1_000) : left)
    }
  })

  const giveUp = Effect.suspend(() => {
    const error: Failure = {
      code: "SessionFailed",
      message: "The server failed while it recorded this turn, and its log says why. Retry the turn.",
      retryable: true
    }
    return ingest(
      [{ type: "thread.turn.close", turnId, outcome: "failed", reason: "session-failed", error }],
      writer.sequence
    )
  })

  // ---- its life --------------------------------------------------------------------------------------------------

  const worker = yield* Effect.gen(function* () {
    const fiber = yield* Effect.forkIn(Effect.exit(runTurn), scope)
    yield* Effect.forkIn(stallWatch, scope)
    yield* work
    yield* Deferred.succeed(ended, undefined)
    yield* Fiber.interrupt(fiber).pipe(Effect.timeoutOption(settings.interruptGrace))
  }).pipe(
    // A bug of ours. The turn is not left open for it.
    Effect.catchCause((cause) =>
      Effect.andThen(Effect.logError("A session failed", cause), Effect.ignore(giveUp))
    ),
    Effect.ensuring(
      Effect.suspend(() => {
        Deferred.doneUnsafe(ended, Exit.void)
        return Effect.andThen(options.onEnd, Scope.close(scope, Exit.void))
      })
    ),
    Effect.forkDetach({ startImmediately: true })
  )

  /** What others committed to the thread since: an answer, a steering message. */
  const refresh = Effect.map(
    Effect.orElseSucceed(engine.state(tenant, threadId), () => state),
    (now) => void (state = now)
  )

  const result: Session = {
    claim,
    emit,
    interrupt: Effect.gen(function* () {
      if (!(yield* Deferred.succeed(interrupted, undefined))) return
      control({ type: "interrupt" })
      yield* Effect.sleep(settings.interruptGrace).pipe(
        Effect.andThen(
          Effect.sync(() => void control({ type: "close", reason: "interrupted", error: null }))
        ),
        Effect.forkIn(scope)
      )
    }),
    respond: (requestId, response) =>
      Effect.gen(function* () {
        yield* refresh
        lastEventAt = yield* Clock.currentTimeMillis
        const answer = answers.get(requestId)
        if (answer !== undefined) yield* Deferred.succeed(answer, response)
      }),
    steer: refresh,
    release: lane.close.pipe(
      Effect.andThen(Fiber.await(worker)),
      // The database may be away; the log then ends where it ends.
      Effect.timeoutOption(settings.interruptGrace),
      Effect.asVoid
    ),
    ended: Effect.asVoid(Fiber.await(worker))
  }
  return result
})
