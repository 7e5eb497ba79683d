/** What became of an effect, as the error that a service catches. */
import { Cause } from "effect"
import { SpillwayError } from "./SpillwayError.ts"

/** Errors of the inside by their tag; the rest is told by tag and message. */
const known: Record<string, { readonly code: string; readonly retryable: boolean }> = {
  Unavailable: { code: "unavailable", retryable: true },
  OutcomeUnknown: { code: "outcome-unknown", retryable: true },
  DatabaseUnreachable: { code: "database-unreachable", retryable: true },
  DirectoryHeld: { code: "directory-held", retryable: true }
}

export const closedError = () =>
  new SpillwayError("closed", "This Spillway was closed: create another one with createSpillway.")

/** `signal`: what its caller cancels by; its reason is what a cancelled call throws. */
export const errorOf = (cause: Cause.Cause<unknown>, signal?: AbortSignal): unknown => {
  if (signal?.aborted === true && Cause.hasInterrupts(cause)) return signal.reason
  const error = Cause.squash(cause)
  if (error instanceof SpillwayError) return error
  if (Cause.hasInterruptsOnly(cause)) return closedError()
  if (!isTagged(error)) {
    return new SpillwayError("internal", "Spillway failed in a way it should not have; the cause says how.", {
      cause: error
    })
  }
  const { code, retryable } = {
    code: kebab(error._tag),
    retryable: false,
    ...known[error._tag],
    ...coded(error)
  }
  const said = "detail" in error && typeof error.detail === "string" ? error.detail : error.message
  return new SpillwayError(code, inProcess(said), { retryable, cause: error })
}

/** An error that says for itself how it is told. */
const coded = (error: object): { readonly code?: string; readonly retryable?: boolean } => ({
  ...("code" in error && typeof error.code === "string" && { code: error.code }),
  ...("retryable" in error && typeof error.retryable === "boolean" && { retryable: error.retryable })
})

const isTagged = (error: unknown): error is { readonly _tag: string; readonly message: string } =>
  error instanceof Error && "_tag" in error && typeof error._tag === "string"

const kebab = (tag: string): string => tag.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase()

/** The same advice, for who gives options to a function and no variables to a server. */
const inProcess = (message: string): string =>
  message
    .replace(/,? or unset (it|DATABASE_URL) to use the embedded Postgres/, "")
    .replace(/set DATABASE_URL to a Postgres server/, "give `database` the address of a Postgres server")
    .replace("DATABASE_URL", "the address that `database` gives")
    .replace(/SPILLWAY_HOST|SPILLWAY_PORT/g, (name) => (name === "SPILLWAY_HOST" ? "`host`" : "`port`"))
