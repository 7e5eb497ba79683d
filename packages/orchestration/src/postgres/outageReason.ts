import { Cause } from "effect"
import { SqlError } from "effect/sql/SqlError"
import { Unavailable } from "../EventLog.ts"
import { stateOf } from "./sqlFailure.ts"

/** How the database is away, in words that anybody may read. */
export type OutageReason =
  /** Nothing listens there, or the way to it is cut. */
  | "unreachable"
  /** Connections stand, and nothing comes back on them. */
  | "no-answer"
  | "starting"
  | "stopping"
  | "too-many-connections"
  | "login-refused"
  | "read-only"
  | "disk-full"

/** `undefined`: the database is there, and something else is wrong. */
export const outageReason = (error: SqlError): OutageReason | undefined => {
  const state = stateOf(error) ?? ""
  if (state === "57P03") return /shutting down/.test(textOf(error)) ? "stopping" : "starting"
  if (state.startsWith("28")) return "login-refused"
  const known = REASONS.get(state)
  if (known !== undefined || error.reason._tag !== "ConnectionError") return known
  return /timed out|does not answer/.test(textOf(error)) ? "no-answer" : "unreachable"
}

/** By SQLSTATE. */
const REASONS: ReadonlyMap<string, OutageReason> = new Map([
  ["57P01", "stopping"],
  ["57P02", "stopping"],
  ["53300", "too-many-connections"],
  ["53100", "disk-full"],
  ["25006", "read-only"]
])

const textOf = ({ reason: { cause, message } }: SqlError): string =>
  cause instanceof Error ? cause.message : (message ?? "")

/** The error of the database for which something did not work, where the database was away. */
export const outageError = (cause: Cause.Cause<unknown>): SqlError | undefined => {
  const failure = Cause.squash(cause)
  const error = failure instanceof Unavailable ? failure.cause : failure
  return error instanceof SqlError && outageReason(error) !== undefined ? error : undefined
}
