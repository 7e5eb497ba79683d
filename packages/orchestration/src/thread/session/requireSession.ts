import { reject, type Rejection, type SessionId } from "@spillway/contracts"
import { Result } from "effect"
import type { ActiveTurn, ThreadState } from "../ThreadState.ts"

/** This very generation of the session is open. A late word of an older one is refused. */
export const requireSession = (
  state: ThreadState,
  session: { readonly sessionId: SessionId; readonly generation: number }
): Result.Result<ActiveTurn, Rejection> => {
  const open = state.active?.session
  return state.active !== null &&
    open?.sessionId === session.sessionId &&
    open.generation === session.generation
    ? Result.succeed(state.active)
    : Result.fail(
        reject(
          "SessionNotOpen",
          `Generation ${session.generation} of session ${session.sessionId} is not open. Leave it; a newer claim decides.`
        )
      )
}

/** Some session of the active turn is open: what is opened now has a runtime behind it. */
export const requireRunningTurn = (state: ThreadState): Result.Result<ActiveTurn, Rejection> =>
  state.active?.session
    ? Result.succeed(state.active)
    : Result.fail(
        reject("SessionNotOpen", `Thread ${state.threadId} has no open session. Claim the active turn first.`)
      )
