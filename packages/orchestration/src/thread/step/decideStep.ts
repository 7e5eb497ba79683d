import { reject, stepIdOf, type ThreadEvent } from "@spillway/contracts"
import { Result } from "effect"
import type { CommandOf, Decide, DecideTable } from "../Decision.ts"
import { requireRunningTurn } from "../session/requireSession.ts"
import { requireActiveTurn } from "../turn/requireTurn.ts"
import { requireOpenStep } from "./requireStep.ts"

const open: Decide<CommandOf<"thread.step.open">> = (state, { steeredBy, stepId, turnId }) =>
  Result.gen(function* () {
    const active = yield* requireActiveTurn(state, turnId)
    yield* requireRunningTurn(state)
    if (active.openStep !== null) {
      return yield* Result.fail(
        reject("StepAlreadyOpen", `Step ${active.openStep} is open. Close it before the next one opens.`)
      )
    }
    const next = stepIdOf(turnId, active.nextStepIndex)
    if (stepId !== next) {
      return yield* Result.fail(
        reject("StepOutOfOrder", `The next step of turn ${turnId} is ${next}, not ${stepId}. Open that one.`)
      )
    }
    const stranger = steeredBy.find(
      (messageId) => !active.steering.some((waiting) => waiting.messageId === messageId)
    )
    if (stranger !== undefined) {
      return yield* Result.fail(
        reject(
          "SteeringNotPending",
          `Message ${stranger} does not wait for a step of turn ${turnId}. Leave it out.`
        )
      )
    }
    return [{ type: "thread.step-opened", data: { turnId, stepId, steeredBy } }]
  })

const close: Decide<CommandOf<"thread.step.close">> = (state, { type: _, ...closing }) =>
  Result.map(requireOpenStep(state, closing.stepId), ({ turnId }): ReadonlyArray<ThreadEvent> => [
    { type: "thread.step-closed", data: { turnId, ...closing } }
  ])

export const decideStep: DecideTable<"thread.step.open" | "thread.step.close"> = {
  "thread.step.open": open,
  "thread.step.close": close
}
