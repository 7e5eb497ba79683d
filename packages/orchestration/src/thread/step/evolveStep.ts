import { stepIndexOf } from "@spillway/contracts"
import type { EvolveTable } from "../Decision.ts"

export const evolveStep: EvolveTable<"thread.step-opened" | "thread.step-closed"> = {
  "thread.step-opened": (state, { steeredBy, stepId, turnId }) =>
    state.active?.turnId === turnId
      ? {
          active: {
            ...state.active,
            openStep: stepId,
            nextStepIndex: stepIndexOf(stepId) + 1,
            steering: state.active.steering.filter(({ messageId }) => !steeredBy.includes(messageId))
          }
        }
      : {},
  "thread.step-closed": (state, { stepId }) =>
    state.active?.openStep === stepId ? { active: { ...state.active, openStep: null } } : {}
}
