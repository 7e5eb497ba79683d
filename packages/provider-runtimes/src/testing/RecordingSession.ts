/**
 * A session that keeps what a runtime reports, in order, and answers as it is told: for tests of runtimes on their own. Tests wait
 * on what was recorded (`until`), never on time.
 */
import {
  assistantMessageIdOf,
  type ProviderRuntimeEvent,
  type RequestId,
  type RequestResponse,
  stepIdOf,
  type StepId,
  type TurnId
} from "@spillway/contracts"
import type { RuntimeSession } from "@spillway/runtime-ingestion"
import { Deferred, Effect } from "effect"

export type SessionRequest = Parameters<RuntimeSession["request"]>[0]

export type Recorded =
  | ProviderRuntimeEvent
  | {
      readonly type: "step.opened"
      readonly stepId: StepId
      readonly model: string | null
      readonly steering: ReadonlyArray<string>
    }
  | { readonly type: "request.asked"; readonly request: SessionRequest }

export interface RecordingOptions {
  readonly turnId: TurnId
  readonly nextStepIndex?: number
  /** The answer to a request; `undefined` leaves it pending until `answer`. */
  readonly respond?: (request: SessionRequest) => RequestResponse | undefined
  /** Runs before a step counts as committed. */
  readonly beforeStep?: Effect.Effect<void>
  /** Runs before an event is admitted: a lane without room. */
  readonly beforeAdmission?: (event: ProviderRuntimeEvent) => Effect.Effect<void>
}

export interface RecordingSession {
  readonly session: RuntimeSession
  readonly recorded: ReadonlyArray<Recorded>
  readonly interrupt: Effect.Effect<void>
  readonly steer: (text: string) => void
  readonly answer: (requestId: RequestId, response: RequestResponse) => Effect.Effect<void>
  /** Waits until something like this was recorded, or has been already. */
  readonly until: (like: (recorded: Recorded) => boolean) => Effect.Effect<void>
}

export const recordingSession = Effect.fnUntraced(function* (
  options: RecordingOptions
): Effect.fn.Return<RecordingSession> {
  const recorded: Array<Recorded> = []
  const steering: Array<string> = []
  const interrupted = yield* Deferred.make<void>()
  const pending = new Map<RequestId, Deferred.Deferred<RequestResponse>>()
  let waiting: ReadonlyArray<{ like: (recorded: Recorded) => boolean; seen: Deferred.Deferred<void> }> = []
  let index = options.nextStepIndex ?? 0

  const record = Effect.fnUntraced(function* (entry: Recorded) {
    recorded.push(entry)
    const met = waiting.filter(({ like }) => like(entry))
    waiting = waiting.filter((waiter) => !met.includes(waiter))
    for (const { seen } of met) yield* Deferred.succeed(seen, undefined)
  })

  return {
    recorded,
    session: {
      openStep: Effect.fnUntraced(function* ({ model }) {
        yield* options.beforeStep ?? Effect.void
        const stepId = stepIdOf(options.turnId, index++)
        const taken = steering.splice(0)
        yield* record({ type: "step.opened", stepId, model, steering: taken })
        return { stepId, messageId: assistantMessageIdOf(stepId, 0), steering: taken }
      }),
      emit: Effect.fnUntraced(function* (event) {
        yield* options.beforeAdmission?.(event) ?? Effect.void
        yield* record(event)
      }),
      request: Effect.fnUntraced(function* (request) {
        const answer = yield* Deferred.make<RequestResponse>()
        pending.set(request.requestId, answer)
        yield* record({ type: "request.asked", request })
        const response = options.respond?.(request)
        return response ?? (yield* Deferred.await(answer))
      }),
      interrupted: Deferred.await(interrupted),
      hasSteering: () => steering.length > 0,
      get numbered(): never {
        throw new Error("This session is for runtimes that do not number what they report.")
      }
    },
    interrupt: Effect.asVoid(Deferred.succeed(interrupted, undefined)),
    steer: (text) => {
      steering.push(text)
    },
    answer: (requestId, response) =>
      Effect.suspend(() => {
        const answer = pending.get(requestId)
        if (answer === undefined) throw new Error(`Nothing was asked under ${requestId}.`)
        return Effect.asVoid(Deferred.succeed(answer, response))
      }),
    until: Effect.fnUntraced(function* (like) {
      if (recorded.some(like)) return
      const seen = yield* Deferred.make<void>()
      waiting = [...waiting, { like, seen }]
      yield* Deferred.await(seen)
    })
  }
})
