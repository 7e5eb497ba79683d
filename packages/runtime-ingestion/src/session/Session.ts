/**
 * One session: a runtime at work on one turn, and the worker that takes what it reports, in order, to the log.
 *
 * - What the runtime emits waits in a bounded lane. The worker writes it as runtime commands and commits them with the session's
 *   cursor; a commit that fails for want of the database is tried again, for as long as it takes. Once a second of text would be lost
 *   with the process, the lane takes nothing more, and the runtime waits.
 * - The turn ends once: by the runtime, by an interrupt's grace period, by the stall watchdog, or by losing the session.
 */
import type {
  DeliveryMode,
  MessageId,
  ProviderRuntimeEvent,
  RequestId,
  RequestResponse
} from "@spillway/contracts"
import {
  EventLog,
  followAgain,
  type SessionClaim,
  type ThreadState,
  type withinSession
} from "@spillway/orchestration"
import { Cause, Clock, Deferred, Effect, Exit, Fiber, Scope } from "effect"
import { IngestionSettings } from "../IngestionSettings.ts"
import { IngestionBudget } from "../lanes/IngestionBudget.ts"
import { LiveLane } from "../LiveLane.ts"
import type { ProviderRuntime, SessionClosed, TurnInput } from "../ProviderRuntime.ts"
import { Redactor } from "../Redactor.ts"
import type { Flushed } from "../turn/OpenPart.ts"
import type { Resume } from "../turn/Resume.ts"
import { openedStep } from "../turn/openedStep.ts"
import { messageText, readThreadView } from "../turn/turnInput.ts"
import { TurnWriter } from "../turn/TurnWriter.ts"
import { makeCommitter } from "./committer.ts"
import type { Input, RuntimeExit } from "./Input.ts"
import { endOf, isLost } from "./returned.ts"
import { makeRuntimeSide } from "./runtimeSide.ts"

/** Inputs that one commit may gather. */
const GATHER = 64

/** Between two looks at a turn that waits for a person, in milliseconds. */
const PARKED_LOOK = 1_000

export interface Session {
  readonly claim: SessionClaim
  readonly emit: (event: ProviderRuntimeEvent, sequence?: number) => Effect.Effect<void, SessionClosed>
  readonly interrupt: Effect.Effect<void>
  readonly respond: (requestId: RequestId, response: RequestResponse) => Effect.Effect<void>
  readonly steer: Effect.Effect<void>
  /** Commits what was taken in, and ends without deciding anything but that a turn which waits for a person stays parked. */
  readonly release: Effect.Effect<void>
}

/** When the first of the inputs came that have a time, and at the latest `now`. */
const earliest = (inputs: ReadonlyArray<Input>, now: number): number =>
  inputs.reduce((least, input) => (input.type === "event" ? Math.min(least, input.at) : least), now)

export const makeSession = Effect.fnUntraced(function* (options: {
  readonly claim: SessionClaim
  readonly state: ThreadState
  readonly resume: Resume | null
  readonly mode: DeliveryMode
  readonly runtime: ProviderRuntime
  readonly input: TurnInput
  readonly scope: Scope.Closeable
  readonly flushed: Flushed
  /** Runs the runtime below the session's span. */
  readonly within: ReturnType<typeof withinSession>
  readonly onEnd: Effect.Effect<void>
}) {
  const { claim, input, runtime, scope, state } = options
  const { tenant, threadId, turnId } = claim
  const live = yield* LiveLane
  const settings = yield* IngestionSettings
  const budget = yield* IngestionBudget
  const redactor = yield* Redactor
  const services = yield* Effect.context<EventLog>()
  const clock = yield* Clock.Clock
  const now = () => clock.currentTimeMillisUnsafe()
  /** When the oldest input came that a crash would lose. */
  let atRiskSince: number | null = null
  const isStopped = () => atRiskSince !== null && now() - atRiskSince >= settings.atRiskLimit
  const lane = yield* Scope.provide(budget.lane<Input>(isStopped), scope)
  const ended = yield* Deferred.make<void>()
  const interrupted = yield* Deferred.make<void>()
  const writer = new TurnWriter({
    state,
    resume: options.resume,
    threadId,
    turnId,
    mode: options.mode,
    runtime: runtime.name,
    announcesSteps: () => runtime.announcesSteps,
    outlivesServer: runtime.outlivesServer === true,
    redactor,
    limits: settings.limits,
    checkpointAge: settings.checkpointAge,
    flushed: options.flushed
  })
  const committer = yield* makeCommitter({ claim, runtime: runtime.name, writer, state, now })
  let lastEventAt = now()
  let committing = false

  /** Time that the log takes, or is away, is not the runtime's. */
  const commit = Effect.fnUntraced(function* (provider?: string) {
    const since = now()
    committing = true
    const committed = yield* committer.commit(provider)
    committing = false
    lastEventAt = Math.min(now(), lastEventAt + now() - since)
    return committed
  })
  let life: "open" | "over" | "left" = "open"
  let onChange = () => {}
  const lastStep = openedStep(claim).pipe(
    Effect.retry(followAgain),
    Effect.orElseSucceed(() => null),
    Effect.provide(services)
  )
  const { emit, session, waitingFor } = makeRuntimeSide({
    source: {
      address: { tenant, sessionId: claim.sessionId, generation: claim.generation },
      reattached: claim.reattach === true,
      state: () => life,
      onChange: (listener) => {
        onChange = listener
      },
      lastStep
    },
    lane,
    input,
    committer,
    interrupted: Deferred.await(interrupted),
    ended: Deferred.await(ended),
    now
  })
  let releasing = false

  yield* Scope.provide(
    live.source(tenant, threadId, () => writer.tail()),
    scope
  )

  // ---- the worker ------------------------------------------------------------------------------------------------

  const steeringTexts = (messages: ReadonlyArray<MessageId>) =>
    messages.length === 0
      ? Effect.succeed<ReadonlyArray<string> | undefined>([])
      : readThreadView(tenant, threadId).pipe(
          Effect.map((view) => messages.map((messageId) => messageText(view, messageId))),
          // They stay where they are, for the step after this one.
          Effect.orElseSucceed(() => undefined),
          Effect.provide(services)
        )

  const openStep = Effect.fnUntraced(function* (input: Extract<Input, { type: "open-step" }>) {
    lastEventAt = now()
    if (!(yield* commit())) return false
    if (input.sequence !== undefined && input.sequence <= writer.sequence) {
      const opened = yield* lastStep
      if (opened !== null) yield* Deferred.succeed(input.opened, opened)
      return true
    }
    const { active } = yield* committer.refresh
    const waiting = active?.turnId === turnId ? active.steering.map((steer) => steer.messageId) : []
    const steering = yield* steeringTexts(waiting)
    const { model, provider } = input.options
    const opened = writer.openStep(model, steering === undefined ? [] : waiting, input.sequence)
    const committed = yield* commit(provider)
    if (committed) yield* Deferred.succeed(input.opened, { ...opened, steering: steering ?? [] })
    return committed
  })

  /** The commit comes first: whoever goes on from the log must know that this runtime may have acted on the answer. */
  const takeAnswer = Effect.fnUntraced(function* (input: Extract<Input, { type: "answer" }>) {
    const waiting = waitingFor(input.requestId)
    // A session that ends leaves it to the next one.
    if (waiting === undefined || writer.ended || releasing) return true
    // Told again what it has taken.
    if (Deferred.isDoneUnsafe(waiting)) return true
    lastEventAt = now()
    writer.takeAnswer(input.requestId)
    const committed = yield* commit()
    if (committed) yield* Deferred.succeed(waiting, input.response)
    return committed
  })

  /** One event that can't be taken in is recorded, and the next one goes on. */
  const takeEvent = ({ at, event, sequence }: Extract<Input, { type: "event" }>) =>
    Effect.sync(() => {
      lastEventAt = now()
      writer.accept(event, sequence ?? writer.sequence + 1, at)
    }).pipe(
      Effect.catchDefect((defect) =>
        Effect.andThen(
          Effect.logError("A runtime event could not be taken in", { event: event.type, defect }),
          Effect.sync(() =>
            writer.record({ type: "event-refused", eventType: event.type, reason: String(defect) })
          )
        )
      )
    )

  /** Takes one input in. False when the session is over. */
  const handle = Effect.fnUntraced(function* (input: Input): Effect.fn.Return<boolean> {
    switch (input.type) {
      case "event":
        yield* takeEvent(input)
        return true
      case "open-step":
        return yield* openStep(input)
      case "answer":
        return yield* takeAnswer(input)
      case "interrupt":
        writer.flush()
        return true
      case "returned": {
        if (yield* parkedFor(input.exit)) return false
        const { error, outcome, reason } = endOf(input.exit)
        if (Exit.isFailure(input.exit) && Cause.hasDies(input.exit.cause)) {
          yield* Effect.logError("A provider runtime died", input.exit.cause)
        }
        writer.close(outcome, reason, error)
        return true
      }
      case "close":
        writer.close(input.error === null ? "interrupted" : "failed", input.reason, input.error)
        return true
    }
  })

  /** What comes next: inputs, or `undefined` when text is to be cut or kept first. None means that the lane is closed. */
  const takeInputs = Effect.suspend((): Effect.Effect<ReadonlyArray<Input> | undefined> => {
    const there = lane.takeNow(GATHER)
    if (there.length > 0) return Effect.succeed(there)
    const deadline = writer.deadline()
    if (deadline === null) return lane.take(GATHER)
    return Effect.timeoutOrElse(lane.take(GATHER), {
      duration: Math.max(0, deadline - now()),
      orElse: () => Effect.undefined
    })
  })

  const parked = Effect.gen(function* () {
    writer.flush()
    if (!(yield* commit())) return true
    yield* committer.refresh
    if (!committer.canPark()) return false
    writer.park()
    yield* commit()
    return true
  })

  /** Whether the turn goes on without the runtime, which nobody heard of again. */
  const parkedFor = (exit: RuntimeExit) => (isLost(exit) ? parked : Effect.succeed(false))

  const work = Effect.gen(function* () {
    while (!writer.ended) {
      const inputs = yield* takeInputs
      if (inputs?.length === 0) return void (yield* parked)
      // Whatever comes in while these are dealt with is younger.
      atRiskSince ??= earliest(inputs ?? [], now())
      for (const input of inputs ?? []) {
        if (!(yield* handle(input))) return
      }
      writer.tick(now())
      if (!(yield* commit())) return
      onChange()
      atRiskSince = writer.atRiskSince()
      lane.done(inputs?.filter((input) => input.type === "event").length ?? 0)
    }
    life = "over"
  })

  // ---- watchdogs -------------------------------------------------------------------------------------------------

  /** A runtime that says nothing for too long fails its turn. Time parked on a request does not count, nor what the log takes. */
  const stallWatch = Effect.gen(function* () {
    while (true) {
      const parked = committer.isParked()
      if (parked || committing) lastEventAt = now()
      const left = lastEventAt + settings.stallTimeout - now()
      if (left <= 0) break
      yield* Effect.sleep(parked ? Math.min(left, PARKED_LOOK) : left)
    }
    const seconds = Math.round(settings.stallTimeout / 1_000)
    const message = `The runtime said nothing for ${seconds} seconds. Try the turn again.`
    lane.offerControl({
      type: "close",
      reason: "stalled",
      error: { code: "RuntimeStalled", message, retryable: true }
    })
  })

  const endInterrupted = Effect.andThen(
    Effect.sleep(settings.interruptGrace),
    Effect.sync(() => void lane.offerControl({ type: "close", reason: "interrupted", error: null }))
  )

  // ---- its life --------------------------------------------------------------------------------------------------

  const runTurn = Effect.scoped(runtime.runTurn(input, session)).pipe(
    options.within,
    Effect.onExit((exit) => Effect.sync(() => void lane.offerControl({ type: "returned", exit })))
  )

  const worker = yield* Effect.gen(function* () {
    const fiber = yield* Effect.forkIn(Effect.exit(runTurn), scope)
    yield* Effect.forkIn(stallWatch, scope)
    yield* work
    // Its end was left out, for a bug of ours: the turn is not left open for it.
    if (life === "over" && committer.isOpen()) yield* Effect.ignore(committer.giveUp)
    if (life === "open") life = "left"
    onChange()
    yield* Deferred.succeed(ended, undefined)
    yield* Fiber.interrupt(fiber).pipe(Effect.timeoutOption(settings.interruptGrace))
  }).pipe(
    // A bug of ours. The turn is not left open for it.
    Effect.catchCause((cause) =>
      Effect.andThen(Effect.logError("A session failed", cause), Effect.ignore(committer.giveUp))
    ),
    Effect.ensuring(
      Effect.suspend(() => {
        Deferred.doneUnsafe(ended, Exit.void)
        return Effect.andThen(options.onEnd, Scope.close(scope, Exit.void))
      })
    ),
    Effect.forkDetach({ startImmediately: true })
  )

  const result: Session = {
    claim,
    emit,
    interrupt: Effect.gen(function* () {
      if (!(yield* Deferred.succeed(interrupted, undefined))) return
      lane.offerControl({ type: "interrupt" })
      yield* Effect.forkIn(endInterrupted, scope)
    }),
    respond: (requestId, response) =>
      Effect.sync(() => void lane.offerControl({ type: "answer", requestId, response })),
    steer: Effect.map(committer.refresh, () => onChange()),
    release: Effect.suspend(() => {
      releasing = true
      return lane.close
    }).pipe(
      Effect.andThen(Fiber.await(worker)),
      // The database may be away; the log then ends where it ends.
      Effect.timeoutOption(settings.interruptGrace),
      Effect.asVoid
    )
  }
  return result
})
