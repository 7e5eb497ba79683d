import { reject, type Rejection } from "@spillway/contracts"
import { Result } from "effect"
import type { ThreadState } from "../ThreadState.ts"

/** The thread is there, archived or not. */
export const requireThread = (state: ThreadState): Result.Result<void, Rejection> => {
  if (state.status === "absent") {
    return Result.fail(
      reject("ThreadNotFound", `There is no thread ${state.threadId}. Create it with thread.create first.`)
    )
  }
  if (state.status === "deleted") {
    return Result.fail(
      reject("ThreadDeleted", `Thread ${state.threadId} was deleted. Go on in another thread.`)
    )
  }
  return Result.void
}

/** The thread is there and takes commands. */
export const requireActiveThread = (state: ThreadState): Result.Result<void, Rejection> =>
  state.status === "archived"
    ? Result.fail(
        reject(
          "ThreadArchived",
          `Thread ${state.threadId} is archived. Take it back with thread.unarchive first.`
        )
      )
    : requireThread(state)

/** No turn is active, so none waits either. */
export const requireIdleThread = (state: ThreadState): Result.Result<void, Rejection> =>
  state.active === null
    ? Result.void
    : Result.fail(
        reject(
          "TurnAlreadyActive",
          `Turn ${state.active.turnId} is active. Interrupt it or wait for its end first.`
        )
      )
