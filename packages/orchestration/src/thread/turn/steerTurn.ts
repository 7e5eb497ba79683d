import type { DataOf, EventOf } from "@spillway/contracts"
import { Result } from "effect"
import type { CommandOf, Decide } from "../Decision.ts"
import { requireActiveThread } from "../lifecycle/requireThread.ts"
import type { ActiveTurn } from "../ThreadState.ts"
import { requireActiveTurn, requireNewMessage, requireNewTurn, requireTurn } from "./requireTurn.ts"
import { messageSent, turnQueued, turnStartRequested } from "./turnEvents.ts"

/** The turn's runtime takes messages between steps, and there may be another step. */
export const canSteer = (active: ActiveTurn): boolean =>
  active.session?.canSteer === true && !active.interruptRequested

export const turnSteered = (
  active: ActiveTurn,
  steer: Omit<DataOf<"thread.turn-steered">, "turnId">
): EventOf<"thread.turn-steered"> => ({
  type: "thread.turn-steered",
  data: { turnId: active.turnId, ...steer }
})

/** A message for the running turn. Where the runtime can't take it, it is queued as a turn like the running one. */
export const steerTurn: Decide<CommandOf<"thread.turn.steer">> = (state, command) =>
  Result.gen(function* () {
    yield* requireActiveThread(state)
    const active = yield* requireActiveTurn(state, command.turnId)
    const { choice, mode } = yield* requireTurn(state, command.turnId)
    yield* requireNewTurn(state, command.nextTurnId)
    yield* requireNewMessage(state, command.messageId)
    const next = { messageId: command.messageId, assistantDeliveryMode: mode, choice }
    return canSteer(active)
      ? [
          messageSent(active.turnId, command),
          turnSteered(active, { ...next, nextTurnId: command.nextTurnId })
        ]
      : [
          turnStartRequested({ ...next, turnId: command.nextTurnId, retryOf: null }),
          messageSent(command.nextTurnId, command),
          turnQueued(command.nextTurnId, "cannot-steer")
        ]
  })
