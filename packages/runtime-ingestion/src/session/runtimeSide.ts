/** The session as its runtime sees it. */
import type { ProviderRuntimeEvent, RequestId, RequestResponse } from "@spillway/contracts"
import { Deferred, Effect } from "effect"
import type { Lane } from "../lanes/Lane.ts"
import type {
  NumberedSession,
  OpenedStep,
  RuntimeSession,
  SessionClosed,
  SessionRequest,
  StepOptions,
  TurnInput
} from "../ProviderRuntime.ts"
import type { Committer } from "./committer.ts"
import { gone, type Input } from "./Input.ts"

export const makeRuntimeSide = (options: {
  readonly lane: Lane<Input>
  readonly input: TurnInput
  readonly committer: Committer
  readonly interrupted: Effect.Effect<void>
  readonly ended: Effect.Effect<void>
  readonly now: () => number
  /** What only a source that numbers its reports asks for. */
  readonly source: Pick<NumberedSession, "address" | "reattached" | "state" | "onChange" | "lastStep">
}) => {
  const { committer, ended, input, interrupted, lane, now, source } = options
  const answers = new Map<RequestId, Deferred.Deferred<RequestResponse>>()

  const orGone = <A>(effect: Effect.Effect<A, SessionClosed>): Effect.Effect<A, SessionClosed> =>
    Effect.raceFirst(effect, Effect.andThen(ended, Effect.fail(gone)))

  const emit = (event: ProviderRuntimeEvent, sequence?: number): Effect.Effect<void, SessionClosed> =>
    Effect.flatMap(
      Effect.suspend(() => lane.offer({ type: "event", sequence, at: now(), event })),
      (admitted) => (admitted ? Effect.void : Effect.fail(gone))
    )

  const openStep = (options: StepOptions, sequence?: number) =>
    Effect.suspend(() => {
      const opened = Deferred.makeUnsafe<OpenedStep, SessionClosed>()
      return lane.offerControl({ type: "open-step", options, sequence, opened })
        ? orGone(Deferred.await(opened))
        : Effect.fail(gone)
    })

  const knownRequest = (requestId: RequestId) =>
    input.turn.requests.find((known) => known.requestId === requestId)

  /** Waits for an answer from now on. */
  const expectAnswer = (requestId: RequestId) => {
    const answer = Deferred.makeUnsafe<RequestResponse>()
    answers.set(requestId, answer)
    return orGone(Deferred.await(answer)).pipe(
      Effect.ensuring(Effect.sync(() => void answers.delete(requestId)))
    )
  }

  const request = Effect.fnUntraced(function* (request: SessionRequest) {
    const { requestId } = request
    const known = knownRequest(requestId)
    const answer = expectAnswer(requestId)
    if (known === undefined) yield* emit({ type: "request.opened", ...request })
    else if (known.response) lane.offerControl({ type: "answer", requestId, response: known.response })
    return yield* answer
  })

  const answerTo = (requestId: RequestId) => {
    const response = knownRequest(requestId)?.response
    if (!response) return expectAnswer(requestId)
    const isTaken = !Object.hasOwn(committer.state().active?.untakenRequests ?? {}, requestId)
    if (isTaken && source.reattached) return Effect.succeed(response)
    const answer = expectAnswer(requestId)
    lane.offerControl({ type: "answer", requestId, response })
    return answer
  }

  const session: RuntimeSession = {
    emit,
    interrupted,
    openStep,
    request,
    hasSteering: () => (committer.state().active?.steering.length ?? 0) > 0,
    numbered: {
      ...source,
      through: committer.through,
      emit: (sequence, event) => emit(event, sequence),
      openStep: (sequence, options) => openStep(options, sequence),
      answerTo
    }
  }

  return {
    session,
    emit,
    /** Where the runtime waits for the answer to a request; `undefined` when it does not. */
    waitingFor: (requestId: RequestId) => answers.get(requestId)
  }
}
