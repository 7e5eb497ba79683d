import { type MessageId, reject, type Rejection, type TurnId } from "@spillway/contracts"
import { Result } from "effect"
import { lookup } from "../record.ts"
import type { ActiveTurn, ThreadState, TurnState } from "../ThreadState.ts"

export const requireTurn = (state: ThreadState, turnId: TurnId): Result.Result<TurnState, Rejection> => {
  const turn = lookup(state.turns, turnId)
  return turn === undefined
    ? Result.fail(
        reject("TurnNotFound", `Thread ${state.threadId} has no turn ${turnId}. Name one of its turns.`)
      )
    : Result.succeed(turn)
}

/** The turn is the active one. */
export const requireActiveTurn = (
  state: ThreadState,
  turnId: TurnId
): Result.Result<ActiveTurn, Rejection> => {
  if (state.active?.turnId === turnId) return Result.succeed(state.active)
  return Result.flatMap(requireTurn(state, turnId), ({ status }) =>
    Result.fail(
      reject(
        "TurnNotActive",
        status === "queued"
          ? `Turn ${turnId} waits in the queue. Wait until it has started.`
          : `Turn ${turnId} has ended (${status}). Start another turn, or retry it.`
      )
    )
  )
}

/** The id names no turn of this thread, nor the turn that a steering message may become. */
export const requireNewTurn = (state: ThreadState, turnId: TurnId): Result.Result<void, Rejection> =>
  lookup(state.turns, turnId) !== undefined ||
  state.active?.steering.some((left) => left.nextTurnId === turnId)
    ? Result.fail(
        reject(
          "TurnAlreadyExists",
          `Turn ${turnId} exists already in thread ${state.threadId}. Choose another turn id.`
        )
      )
    : Result.void

export const requireNewMessage = (state: ThreadState, messageId: MessageId): Result.Result<void, Rejection> =>
  lookup(state.messages, messageId) !== undefined
    ? Result.fail(
        reject(
          "MessageAlreadyExists",
          `Message ${messageId} exists already in thread ${state.threadId}. Choose another message id.`
        )
      )
    : Result.void
