import { reject, type ThreadEvent } from "@spillway/contracts"
import { Result } from "effect"
import type { CommandOf, Decide, DecideTable } from "../Decision.ts"
import { evolve } from "../evolve.ts"
import { isEmpty } from "../record.ts"
import { endActiveTurn } from "../turn/endTurn.ts"
import { requireActiveTurn } from "../turn/requireTurn.ts"
import { requireSession } from "./requireSession.ts"

/** The claim: once per generation, and only for a turn that waits for nobody. */
const open: Decide<CommandOf<"thread.session.open">> = (state, { type: _, ...claim }) =>
  Result.gen(function* () {
    const active = yield* requireActiveTurn(state, claim.turnId)
    if (active.session !== null) {
      return yield* Result.fail(
        reject("SessionAlreadyOpen", `Turn ${claim.turnId} has an open session. Leave the turn to it.`)
      )
    }
    if (active.interruptRequested) {
      return yield* Result.fail(
        reject(
          "TurnNotActive",
          `Turn ${claim.turnId} is being interrupted. Close it instead of starting a runtime.`
        )
      )
    }
    if (!isEmpty(active.pendingRequests)) {
      return yield* Result.fail(
        reject(
          "TurnParked",
          `Turn ${claim.turnId} waits for an answer. Open a session when its request is resolved.`
        )
      )
    }
    if (claim.generation !== state.generation + 1) {
      return yield* Result.fail(
        reject(
          "SessionAlreadyOpen",
          `The next generation of session ${claim.sessionId} is ${state.generation + 1}, not ${claim.generation}. Look at the state again.`
        )
      )
    }
    return [{ type: "thread.session-opened", data: claim }]
  })

const bind: Decide<CommandOf<"thread.session.bind">> = (state, { type: _, ...binding }) =>
  Result.map(requireSession(state, binding), (): ReadonlyArray<ThreadEvent> => [
    { type: "thread.session-bound", data: binding }
  ])

/**
 * A session that goes does not end its turn: whoever closes it knows what becomes of that. But a turn that parks after it was asked
 * to stop has nobody left to end it, so it ends here.
 */
const close: Decide<CommandOf<"thread.session.close">> = (state, { type: _, ...closing }) =>
  Result.map(requireSession(state, closing), (active) => {
    const closed: ThreadEvent = { type: "thread.session-closed", data: closing }
    return closing.reason === "parked" && active.interruptRequested
      ? [closed, ...endActiveTurn(evolve(state, closed), { outcome: "interrupted", reason: "interrupted" })]
      : [closed]
  })

export const decideSession: DecideTable<
  "thread.session.open" | "thread.session.bind" | "thread.session.close"
> = {
  "thread.session.open": open,
  "thread.session.bind": bind,
  "thread.session.close": close
}
