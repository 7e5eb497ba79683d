/** Follows and drives the threads of a Spillway server, from a browser or from Node. */
export { connect, type ConnectOptions, type SpillwayClient } from "./connect.ts"
export type { ConnectionStatus, Token } from "./Connection.ts"
export { CommandFailed, CommandRejected, Disconnected, OlderTurnsFailed } from "./errors.ts"
export type { Followed } from "./Followed.ts"
export type { ThreadStatus } from "./following.ts"
export type { Accepted } from "./GivenCommands.ts"
export type { PendingCommand } from "./PendingCommand.ts"
export type { Described, SendOptions, Sent, SentTurn, Thread } from "./Thread.ts"
export type { ThreadList, ThreadListState } from "./ThreadList.ts"
export type { ThreadState } from "./ThreadState.ts"
export type {
  DeliveryMode,
  IfBusy,
  MessageView,
  Part,
  RequestResponse,
  RequestView,
  RuntimeChoice,
  ThreadSummary,
  ThreadView,
  TurnView
} from "@spillway/contracts"
export { timeline } from "@spillway/contracts/plain"
