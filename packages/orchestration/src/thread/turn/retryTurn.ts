import { reject } from "@spillway/contracts"
import { Result } from "effect"
import type { CommandOf, Decide } from "../Decision.ts"
import { requireActiveThread } from "../lifecycle/requireThread.ts"
import { requireNewTurn, requireTurn } from "./requireTurn.ts"
import { turnQueued, turnStarted, turnStartRequested } from "./turnEvents.ts"

/** Answers the same message again, in the same mode and on the same runtime. */
export const retryTurn: Decide<CommandOf<"thread.turn.retry">> = (state, { retryOf, turnId }) =>
  Result.gen(function* () {
    yield* requireActiveThread(state)
    const turn = yield* requireTurn(state, retryOf)
    yield* requireNewTurn(state, turnId)
    if (turn.status !== "failed" && turn.status !== "interrupted") {
      return yield* Result.fail(
        reject(
          "TurnNotRetryable",
          turn.status === "completed"
            ? `Turn ${retryOf} completed. Only a failed or interrupted turn can be retried; start another one.`
            : `Turn ${retryOf} has not ended yet. Interrupt it first, then retry it.`
        )
      )
    }
    if (turn.retriedBy !== null) {
      return yield* Result.fail(
        reject("TurnNotRetryable", `Turn ${retryOf} was retried as turn ${turn.retriedBy}. Retry that one.`)
      )
    }
    return [
      turnStartRequested({
        turnId,
        messageId: turn.messageId,
        assistantDeliveryMode: turn.mode,
        choice: turn.choice,
        retryOf
      }),
      state.active === null ? turnStarted(turnId) : turnQueued(turnId, "busy")
    ]
  })
