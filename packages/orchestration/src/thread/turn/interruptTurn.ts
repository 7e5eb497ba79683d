import { reject, type ThreadEvent } from "@spillway/contracts"
import { Result } from "effect"
import type { CommandOf, Decide } from "../Decision.ts"
import { evolve } from "../evolve.ts"
import { requireActiveThread } from "../lifecycle/requireThread.ts"
import type { ThreadState } from "../ThreadState.ts"
import { endActiveTurn } from "./endTurn.ts"
import { requireActiveTurn, requireTurn } from "./requireTurn.ts"
import { turnInterrupted } from "./turnEvents.ts"

/**
 * Asks the active turn to stop, unless that was asked before; the events `after` follow. A turn without a session ends at once,
 * since no runtime would ever end it.
 */
export const interruptActive = (
  state: ThreadState,
  after: ReadonlyArray<ThreadEvent> = []
): ReadonlyArray<ThreadEvent> => {
  const { active } = state
  if (active === null) return after
  const events: ReadonlyArray<ThreadEvent> = active.interruptRequested
    ? after
    : [{ type: "thread.turn-interrupt-requested", data: { turnId: active.turnId } }, ...after]
  return active.session === null
    ? [
        ...events,
        ...endActiveTurn(events.reduce(evolve, state), { outcome: "interrupted", reason: "interrupted" })
      ]
    : events
}

export const interruptTurn: Decide<CommandOf<"thread.turn.interrupt">> = (state, { turnId }) =>
  Result.gen(function* () {
    yield* requireActiveThread(state)
    const turn = yield* requireTurn(state, turnId)
    if (turn.status === "queued") return [turnInterrupted(turnId, "removed-from-queue")]
    const active = yield* requireActiveTurn(state, turnId)
    if (active.interruptRequested && active.session !== null) {
      return yield* Result.fail(
        reject("TurnNotActive", `Turn ${turnId} is being interrupted already. Wait for its end.`)
      )
    }
    return interruptActive(state)
  })
