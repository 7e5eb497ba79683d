/**
 * What can go wrong for a service that embeds Spillway: ordinary errors. `code` is what a program switches on, the message is a
 * sentence that says what to do, `retryable` says whether the same call may succeed in a moment.
 */
import type { Accepted, Failure, Rejected, RejectionTag, TurnView } from "@spillway/contracts"

export class SpillwayError extends Error {
  readonly code: string
  readonly retryable: boolean

  constructor(
    code: string,
    message: string,
    options: { readonly retryable?: boolean; readonly cause?: unknown } = {}
  ) {
    super(message, "cause" in options ? { cause: options.cause } : undefined)
    this.name = new.target.name
    this.code = code
    this.retryable = options.retryable ?? false
  }
}

/** The engine's refusal of a command. It is remembered: the same command again gets the same one. */
export class CommandRejected extends SpillwayError {
  declare readonly code: RejectionTag
  readonly receipt: typeof Rejected.Type

  constructor(receipt: typeof Rejected.Type) {
    super(receipt.rejection._tag, receipt.rejection.message)
    this.receipt = receipt
  }
}

/** The answer to a command that was committed. */
export type AcceptedReceipt = typeof Accepted.Type

/** The turn ended `failed`: code and message are those of its failure. `retryable`: `turn.retry()` may succeed. */
export class TurnFailed extends SpillwayError {
  readonly turn: TurnView

  constructor(turn: TurnView) {
    const { code, message, retryable }: Failure = turn.error ?? {
      code: "TurnFailed",
      message: "The turn failed and left no reason. Retry it."
    }
    super(code, message, { retryable: retryable ?? false })
    this.turn = turn
  }
}

/** The turn ended `interrupted`: somebody stopped it, or its process went away. `turn.retry()` starts it again. */
export class TurnInterrupted extends SpillwayError {
  readonly turn: TurnView

  constructor(turn: TurnView) {
    super(
      "TurnInterrupted",
      `The turn ${turn.turnId} was interrupted (${turn.reason ?? "no reason was given"}): retry it to have it done.`,
      { retryable: true }
    )
    this.turn = turn
  }
}
