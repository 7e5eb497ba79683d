import type { RequestId } from "@spillway/contracts"
import type { EvolveTable } from "../Decision.ts"
import { put, without } from "../record.ts"
import type { ThreadState } from "../ThreadState.ts"

const ended =
  (how: "resolved" | "withdrawn") =>
  (state: ThreadState, { requestId }: { readonly requestId: RequestId }): Partial<ThreadState> => ({
    endedRequests: put(state.endedRequests, requestId, how),
    ...(state.active !== null && {
      active: {
        ...state.active,
        pendingRequests: without(state.active.pendingRequests, requestId),
        ...(how === "resolved" && {
          untakenRequests: put(state.active.untakenRequests, requestId, true)
        })
      }
    })
  })

export const evolveRequest: EvolveTable<
  "thread.request-opened" | "thread.request-resolved" | "thread.request-taken" | "thread.request-withdrawn"
> = {
  "thread.request-opened": (state, { kind, questions, requestId, stepId, toolCallId }) =>
    state.active === null
      ? {}
      : {
          active: {
            ...state.active,
            pendingRequests: put(state.active.pendingRequests, requestId, {
              requestId,
              stepId,
              toolCallId,
              kind,
              questions: questions.map(({ id, options }) => ({
                id,
                ...(options !== undefined && { options })
              }))
            })
          }
        },
  "thread.request-resolved": ended("resolved"),
  "thread.request-taken": (state, { requestId }) =>
    state.active === null
      ? {}
      : {
          active: { ...state.active, untakenRequests: without(state.active.untakenRequests, requestId) }
        },
  "thread.request-withdrawn": ended("withdrawn")
}
