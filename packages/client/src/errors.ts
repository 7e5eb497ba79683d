/** What can go wrong with a command or a connection, as values that a program can tell apart by `_tag`. The message says what to do. */
import type { ErrorCode, Rejection, RejectionTag } from "@spillway/contracts"

/** The server decided against a command. The same command sent again gets the same answer. */
export class CommandRejected extends Error {
  readonly _tag = "CommandRejected"
  /** What the caller can tell refusals apart by: `TurnAlreadyActive`, `RequestAlreadyResolved`, … */
  readonly code: RejectionTag

  constructor({ _tag, message }: Rejection) {
    super(message)
    this.name = "CommandRejected"
    this.code = _tag
  }
}

export type CommandFailure = ErrorCode | "client-closed" | "nothing-to-do"

/** A command got no receipt: it was refused as such, or nobody waits for it any longer. */
export class CommandFailed extends Error {
  readonly _tag = "CommandFailed"
  readonly code: CommandFailure

  constructor(code: CommandFailure, message: string) {
    super(message)
    this.name = "CommandFailed"
    this.code = code
  }
}

/** The server does not let this client in, or the client was closed: there is no connection, and none will be made by itself. */
export class Disconnected extends Error {
  readonly _tag = "Disconnected"
  readonly code: "unauthorized" | "unsupported-protocol" | "client-closed"

  constructor(code: Disconnected["code"], message: string) {
    super(message)
    this.name = "Disconnected"
    this.code = code
  }
}

/** A page of older turns could not be had. What is shown stays as it is. */
export class OlderTurnsFailed extends Error {
  readonly _tag = "OlderTurnsFailed"

  constructor(message: string) {
    super(message)
    this.name = "OlderTurnsFailed"
  }
}
