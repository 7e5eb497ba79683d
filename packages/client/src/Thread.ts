/** One thread, to be followed and driven. */
import type {
  CommandId,
  DeliveryMode,
  IfBusy,
  MessageId,
  Metadata,
  RequestResponse,
  RuntimeChoice,
  ThreadId,
  ThreadView,
  TurnId,
  TurnView
} from "@spillway/contracts"
import type { Followed } from "./Followed.ts"
import type { Accepted } from "./GivenCommands.ts"
import type { ThreadState } from "./ThreadState.ts"

/** A command on its way. */
export interface Sent {
  readonly commandId: CommandId
  /**
   * Resolves once it is committed. Rejects with `CommandRejected` or `CommandFailed`, which the thread's `pending` shows as well: it need
   * not be waited for.
   */
  readonly accepted: Promise<Accepted>
}

export interface SentTurn extends Sent {
  readonly turnId: TurnId
  readonly messageId: MessageId
}

export interface SendOptions {
  /** How the answer arrives: `streaming` shows each word, `paragraph` each paragraph, `buffered` all of it. */
  readonly mode?: DeliveryMode
  /** What to do while another turn is active. Absent: `queue`. */
  readonly ifBusy?: IfBusy
  /** `system` primes the model and is not shown. Absent: `user`. */
  readonly role?: "user" | "system"
  /** Which runtime and model; absent fields are the server's choice. */
  readonly choice?: RuntimeChoice
  /** Ids of your own, never used before. Absent: random ones. */
  readonly turnId?: string
  readonly messageId?: string
}

export interface Described {
  readonly title?: string
  readonly metadata?: Metadata
}

export interface Thread extends Followed<ThreadState> {
  readonly id: ThreadId
  /** `state.view`. */
  readonly view: ThreadView
  /** The delivery mode of sends to this thread that name none; `undefined` leaves it to the client's. */
  deliveryMode: DeliveryMode | undefined

  /** Sends a message and starts a turn. It is in the view at once. A thread that does not exist is created. */
  readonly send: (text: string, options?: SendOptions) => SentTurn
  /**
   * Sends a message to the active turn, to be taken between two steps. It becomes a turn of its own, in the queue, where the runtime
   * can't take it, or at once where no turn is active.
   */
  readonly steer: (text: string) => SentTurn
  /** Stops the active turn, or takes a queued one out of the queue. */
  readonly interrupt: (turnId?: string) => Sent
  /** Answers a request. The first answer counts. */
  readonly respond: (requestId: string, response: RequestResponse) => Sent
  /** Tries a failed or interrupted turn again; a message that was turned down is sent again. Absent: the last such turn. */
  readonly retry: (turnId?: string) => SentTurn

  readonly create: (described?: Described) => Sent
  readonly update: (described: Described) => Sent
  readonly archive: () => Sent
  readonly unarchive: () => Sent
  readonly delete: () => Sent

  /** Sends a pending command again that was turned down. */
  readonly resend: (commandId: string) => Sent
  /** Forgets a pending command that was turned down. */
  readonly dismiss: (commandId: string) => void

  /** Adds up to `limit` (default 50) turns before the first one in the view; `false` when there were none. Rejects with `OlderTurnsFailed`. */
  readonly loadOlder: (limit?: number) => Promise<boolean>
  /** The turn, once it has ended. */
  readonly ended: (turnId: string) => Promise<TurnView>
}
