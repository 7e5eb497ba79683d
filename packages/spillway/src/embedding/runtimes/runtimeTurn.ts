/** What a generator runtime is called with. What it awaits runs in the turn's scope, and is rejected when the turn is stopped. */
import { RequestId, ToolCallId } from "@spillway/contracts"
import { type RuntimeSession, SessionClosed, type TurnInput } from "@spillway/runtime-ingestion"
import { Effect, FiberSet } from "effect"
import type { Ask, Question, RuntimeTurn } from "@spillway/contracts/generator-runtime"
import type { StepProgress } from "./StepProgress.ts"

export const makeRuntimeTurn = Effect.fnUntraced(function* (
  input: TurnInput,
  session: RuntimeSession,
  progress: StepProgress,
  signal: AbortSignal
) {
  const run = yield* FiberSet.makeRuntimePromise()
  const promised = async <A>(effect: Effect.Effect<A, SessionClosed>): Promise<A> => {
    signal.throwIfAborted()
    return run(effect, { signal }).catch((error: unknown) => {
      throw signal.aborted ? signal.reason : error instanceof SessionClosed ? stopped() : error
    })
  }

  let asked = 0
  const ask = ({ requestId, toolCallId, ...question }: Question) =>
    promised(
      session.request({
        ...question,
        requestId: RequestId.make(requestId ?? `${input.turnId}/request/${asked++}`),
        ...(toolCallId === undefined ? {} : { toolCallId: ToolCallId.make(toolCallId) })
      })
    )

  const { choice, history, prompt, threadId, turn, turnId } = input
  const given: RuntimeTurn = {
    threadId,
    turnId,
    prompt,
    history,
    choice,
    turn,
    signal,
    get step() {
      return progress.step
    },
    nextStep: () => promised(progress.nextStep),
    // The answer to a request is of its kind: the engine refuses any other.
    ask: ask as Ask,
    hasSteering: session.hasSteering
  }
  return given
})

export const stopped = () => new DOMException("The turn was stopped.", "AbortError")
