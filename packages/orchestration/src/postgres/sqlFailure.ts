/** What a failed query means for a caller of the log. */
import type { SqlError } from "effect/sql/SqlError"
import { AppendInvalid, OutcomeUnknown, Unavailable } from "../EventLog.ts"

/** The server's own words, or the socket's; for logs and for whoever runs the server, never for its clients. */
export const causeText = (error: SqlError): string => {
  const { cause } = error.reason
  // A name with several addresses fails once for each.
  const first = cause instanceof AggregateError ? cause.errors[0] : cause
  return first instanceof Error && first.message !== "" ? first.message : error.message
}

export const unavailable = (error: SqlError): Unavailable =>
  new Unavailable({ message: "The database can't be reached or is not ready. Try again.", cause: error })

/** What an append that was sent, or could not be, came to. */
export const appendFailure = (error: SqlError): Unavailable | OutcomeUnknown | AppendInvalid => {
  if (error.reason.operation === "connect") return unavailable(error)
  const state = stateOf(error)
  if (error.reason._tag === "ConnectionError" || state?.startsWith("57P")) {
    return new OutcomeUnknown({ message: "The connection went away while committing.", cause: error })
  }
  return state === undefined || isRefusal(state)
    ? new AppendInvalid({ message: "The database can't store this.", cause: error })
    : unavailable(error)
}

/** The SQLSTATE that the server answered with; `undefined` when the query did not get that far. */
export const stateOf = (error: SqlError): string | undefined => {
  const { cause } = error.reason
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : undefined
}

/** Data exceptions, broken constraints, sizes beyond what Postgres can hold: the same rows would fail again. */
const isRefusal = (state: string): boolean => /^(22|23|54)/.test(state)
