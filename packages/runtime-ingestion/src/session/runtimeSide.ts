/** The session as its runtime sees it. */
import type { ProviderRuntimeEvent, RequestId, RequestResponse } from "@spillway/contracts"
import { Deferred, Effect } from "effect"
import type { Lane } from "../lanes/Lane.ts"
import type { OpenedStep, RuntimeSession, SessionClosed, TurnInput } from "../ProviderRuntime.ts"
import type { Committer } from "./committer.ts"
import { gone, type Input } from "./Input.ts"

export const makeRuntimeSide = (options: {
  readonly lane: Lane<Input>
  readonly input: TurnInput
  readonly committer: Committer
  readonly interrupted: Effect.Effect<void>
  readonly ended: Effect.Effect<void>
  readonly now: () => number
}) => {
  const { committer, ended, input, interrupted, lane, now } = options
  const answers = new Map<RequestId, Deferred.Deferred<RequestResponse>>()

  const orGone = <A>(effect: Effect.Effect<A, SessionClosed>): Effect.Effect<A, SessionClosed> =>
    Effect.raceFirst(effect, Effect.andThen(ended, Effect.fail(gone)))

  const emit = (event: ProviderRuntimeEvent, sequence?: number): Effect.Effect<void, SessionClosed> =>
    Effect.flatMap(
      Effect.suspend(() => lane.offer({ type: "event", sequence, at: now(), event })),
      (admitted) => (admitted ? Effect.void : Effect.fail(gone))
    )

  const session: RuntimeSession = {
    emit,
    interrupted,
    openStep: (options) =>
      Effect.suspend(() => {
        const opened = Deferred.makeUnsafe<OpenedStep, SessionClosed>()
        return lane.offerControl({ type: "open-step", options, opened })
          ? orGone(Deferred.await(opened))
          : Effect.fail(gone)
      }),
    request: Effect.fnUntraced(function* (request) {
      const { requestId } = request
      const known = input.turn.requests.find((known) => known.requestId === requestId)
      const answer = Deferred.makeUnsafe<RequestResponse>()
      answers.set(requestId, answer)
      if (known === undefined) yield* emit({ type: "request.opened", ...request })
      else if (known.response) lane.offerControl({ type: "answer", requestId, response: known.response })
      return yield* orGone(Deferred.await(answer)).pipe(
        Effect.ensuring(Effect.sync(() => void answers.delete(requestId)))
      )
    }),
    hasSteering: () => (committer.state().active?.steering.length ?? 0) > 0
  }

  return {
    session,
    emit,
    /** Where the runtime waits for the answer to a request; `undefined` when it does not. */
    waitingFor: (requestId: RequestId) => answers.get(requestId)
  }
}
