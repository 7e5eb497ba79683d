import type { Failure, TurnOutcome } from "@spillway/contracts"
import { Cause, Exit, Option } from "effect"
import type { RuntimeExit } from "./Input.ts"

/** How a turn ends whose runtime returned without having said so. */
export const endOf = (
  exit: RuntimeExit
): { readonly outcome: TurnOutcome; readonly reason: string; readonly error: Failure | null } => {
  if (Exit.isSuccess(exit)) return { outcome: "completed", reason: "stop", error: null }
  const failure = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
  if (failure?._tag === "RuntimeFailed") {
    const { code, message, retryable } = failure
    const error = { code, message, ...(retryable !== undefined && { retryable }) }
    return { outcome: "failed", reason: "runtime-error", error }
  }
  if (failure?._tag === "RuntimeLost") {
    const { error, reason } = failure
    return { outcome: error === null ? "interrupted" : "failed", reason, error }
  }
  if (failure !== undefined || Cause.hasInterruptsOnly(exit.cause)) {
    return { outcome: "interrupted", reason: "aborted", error: null }
  }
  const error = {
    code: "RuntimeDefect",
    message: "The runtime failed in a way it should not have. The server's log says more."
  }
  return { outcome: "failed", reason: "runtime-error", error }
}

/** Nobody knows what became of the runtime. */
export const isLost = (exit: RuntimeExit): boolean =>
  Exit.isFailure(exit) && Option.getOrUndefined(Cause.findErrorOption(exit.cause))?._tag === "RuntimeLost"
