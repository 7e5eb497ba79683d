import { DEFAULT_DELIVERY_MODE, type IfBusy, reject, type ThreadEvent } from "@spillway/contracts"
import { Result } from "effect"
import type { CommandOf, Decide, Decision } from "../Decision.ts"
import { requireActiveThread } from "../lifecycle/requireThread.ts"
import type { ActiveTurn, ThreadState } from "../ThreadState.ts"
import { interruptActive } from "./interruptTurn.ts"
import { requireNewMessage, requireNewTurn } from "./requireTurn.ts"
import { canSteer, turnSteered } from "./steerTurn.ts"
import { messageSent, turnQueued, turnStarted, turnStartRequested } from "./turnEvents.ts"

type TurnStart = CommandOf<"thread.turn.start">

/** The one place where a turn's delivery mode is decided. */
const modeOf = (command: TurnStart) => command.assistantDeliveryMode ?? DEFAULT_DELIVERY_MODE

const requested = (command: TurnStart): ReadonlyArray<ThreadEvent> => [
  turnStartRequested({
    turnId: command.turnId,
    messageId: command.messageId,
    assistantDeliveryMode: modeOf(command),
    choice: command.choice ?? {},
    retryOf: null
  }),
  messageSent(command.turnId, command)
]

/** What a start does while another turn is active. */
const whileBusy: {
  readonly [B in IfBusy]: (command: TurnStart, active: ActiveTurn, state: ThreadState) => Decision
} = {
  queue: (command) => Result.succeed([...requested(command), turnQueued(command.turnId, "busy")]),
  reject: (_, active) =>
    Result.fail(
      reject(
        "TurnAlreadyActive",
        `Turn ${active.turnId} is active. Wait for its end, interrupt it, or start with ifBusy "queue".`
      )
    ),
  interrupt: (command, _, state) =>
    Result.succeed(interruptActive(state, [...requested(command), turnQueued(command.turnId, "busy", true)])),
  steer: (command, active) =>
    Result.succeed(
      canSteer(active)
        ? [
            messageSent(active.turnId, command),
            turnSteered(active, {
              messageId: command.messageId,
              nextTurnId: command.turnId,
              assistantDeliveryMode: modeOf(command),
              choice: command.choice ?? {}
            })
          ]
        : [...requested(command), turnQueued(command.turnId, "cannot-steer")]
    )
}

export const startTurn: Decide<TurnStart> = (state, command) =>
  Result.gen(function* () {
    yield* requireActiveThread(state)
    yield* requireNewTurn(state, command.turnId)
    yield* requireNewMessage(state, command.messageId)
    return state.active === null
      ? [...requested(command), turnStarted(command.turnId)]
      : yield* whileBusy[command.ifBusy ?? "queue"](command, state.active, state)
  })
