import { reject, type Rejection, type StepId } from "@spillway/contracts"
import { Result } from "effect"
import type { ActiveTurn, ThreadState } from "../ThreadState.ts"

export const requireOpenStep = (state: ThreadState, stepId: StepId): Result.Result<ActiveTurn, Rejection> =>
  state.active !== null && state.active.openStep === stepId
    ? Result.succeed(state.active)
    : Result.fail(reject("StepNotOpen", `Step ${stepId} is not open. Open it with thread.step.open first.`))
