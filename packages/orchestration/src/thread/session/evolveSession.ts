import type { EvolveTable } from "../Decision.ts"

export const evolveSession: EvolveTable<
  "thread.session-opened" | "thread.session-bound" | "thread.session-closed"
> = {
  "thread.session-opened": (state, { canSteer, generation, resumable, runtime, sessionId, turnId }) => ({
    generation,
    ...(state.active?.turnId === turnId && {
      active: { ...state.active, session: { sessionId, generation, runtime, resumable, canSteer } }
    })
  }),
  "thread.session-bound": () => ({}),
  "thread.session-closed": (state, { generation }) =>
    state.active?.session?.generation === generation ? { active: { ...state.active, session: null } } : {}
}
