/**
 * Threads, as a service that embeds Spillway drives and watches them. Every promise resolves after the commit, and what is read
 * afterwards holds it.
 */
import type {
  ClientCommand,
  ClientEvent,
  DeliveryMode,
  IfBusy,
  Metadata,
  Receipt,
  RequestResponse,
  SearchHit,
  ThreadSummary,
  ThreadView,
  TurnView
} from "@spillway/contracts"
import type { AcceptedReceipt } from "./SpillwayError.ts"

/** On whose behalf something is asked. What is left out stays as it was. */
export interface Caller {
  /** Whose threads: no caller sees those of another tenant. */
  readonly tenant?: string
  /** Who asks; recorded with every event that comes of it. */
  readonly actor?: string
  /** An id of the caller's own that joins everything one intention causes; recorded as well. */
  readonly correlationId?: string
}

export interface Idempotent {
  /**
   * Makes the call idempotent: again with the same id and the same arguments it has no second effect and the same result, also after a
   * restart. At most 128 printable ASCII characters without spaces. Unless given, a new one.
   */
  readonly commandId?: string
}

export interface Following {
  /** Ends the iteration: it then throws the signal's reason. */
  readonly signal?: AbortSignal
}

export interface EventsOptions extends Following {
  /** Begin behind this version (in the log: this position). Default: 0, from the first event on. */
  readonly after?: number
  /** `false`: end at the last event there is. Default: wait for what comes. */
  readonly follow?: boolean
}

export interface CreateThreadOptions extends Idempotent {
  /** Unless given, a new one. */
  readonly threadId?: string
  readonly title?: string
  /** Any JSON object. */
  readonly metadata?: Metadata
}

export interface StartTurnOptions extends Idempotent {
  readonly text: string
  /** `system` primes the model and stays out of the timeline. Default: `user`. */
  readonly role?: "user" | "system"
  /** How assistant text reaches the log and the eye. Default: `buffered`. */
  readonly mode?: DeliveryMode
  /** The runtime's name. Default: the first one. */
  readonly runtime?: string
  /** The model, as the runtime knows it. */
  readonly model?: string
  /** The runtime's own options. Any JSON object. */
  readonly options?: Metadata
  /** What to do while another turn is active. Default: `queue`. With `steer` the result is the turn that was steered, where it could be. */
  readonly ifBusy?: IfBusy
  /** Unless given, made of the command's id. */
  readonly turnId?: string
  readonly messageId?: string
}

export interface ViewOptions {
  /** How many turns, the last ones. Default: 50. */
  readonly turns?: number
  /** Instead those before the turn of this id. */
  readonly before?: string
  /** Instead the whole state at this version, folded from the log: what was known then, and nothing that came later. */
  readonly atVersion?: number
}

/** Any command of the protocol, as JSON has it. */
export type Command = (typeof ClientCommand)["Encoded"]

export interface ThreadsPage {
  readonly threads: ReadonlyArray<ThreadSummary>
  /** Leads on, as `before`; `null` at the end. */
  readonly next: string | null
}

export interface ThreadsOptions {
  /** At most so many. Default: 50. */
  readonly limit?: number
  /** Those after the page whose `next` this is. */
  readonly before?: string
  /** Only these: `working` while a turn runs, `waiting` while a request is pending, else `idle`. */
  readonly activity?: ThreadSummary["activity"]
  /** `true`: archived ones alone. `false`: only those that are not. Default: both. */
  readonly archived?: boolean
}

export interface SearchOptions {
  /** As a person types it: words, "a phrase", or, -without. */
  readonly query: string
  /** In this thread alone. */
  readonly threadId?: string
  /** At most so many. Default: 20. */
  readonly limit?: number
  /** Those after the page whose `next` this is. */
  readonly before?: string
}

export interface SearchPage {
  readonly hits: ReadonlyArray<SearchHit>
  /** Leads on, as `before`; `null` at the end. */
  readonly next: string | null
}

export interface Threads {
  /** The same, on behalf of somebody. */
  readonly as: (caller: Caller) => Threads
  readonly createThread: (options?: CreateThreadOptions) => Promise<Thread>
  /** A thread by its id. Nothing is looked up: what is asked of an unknown one is rejected. */
  readonly thread: (threadId: string) => Thread
  /** Threads that were not deleted, last updated first. */
  readonly threads: (options?: ThreadsOptions) => Promise<ThreadsPage>
  /** Titles, then closed messages that `timeline` shows, of each the newest first. */
  readonly search: (options: SearchOptions) => Promise<SearchPage>
  /** Any command, and its receipt. Here a refusal is a value; everywhere else it is thrown as `CommandRejected`. */
  readonly send: (command: Command) => Promise<Receipt>
}

export interface Thread {
  readonly threadId: string
  readonly startTurn: (options: StartTurnOptions) => Promise<Turn>
  /** A turn by its id. Nothing is looked up. */
  readonly turn: (turnId: string) => Turn
  /** Answers a request for approval or input. The first answer wins: a later one is rejected with `RequestAlreadyResolved`. */
  readonly respond: (
    requestId: string,
    response: RequestResponse,
    options?: Idempotent
  ) => Promise<AcceptedReceipt>
  /** The thread as a person sees it. */
  readonly view: (options?: ViewOptions) => Promise<ThreadView>
  /**
   * The thread's view now, with its last 50 turns, then each newer one, for ever: text that is not in the log yet is laid over it. A
   * consumer that is slow skips to the newest.
   */
  readonly views: (options?: Following) => AsyncIterable<ThreadView>
  /** The thread's events in order, each once; ends behind `thread.deleted`. */
  readonly events: (options?: EventsOptions) => AsyncIterable<ClientEvent>
  readonly update: (
    options: { readonly title?: string; readonly metadata?: Metadata } & Idempotent
  ) => Promise<AcceptedReceipt>
  /** Takes no more commands until it is unarchived. Rejected while a turn is active. */
  readonly archive: (options?: Idempotent) => Promise<AcceptedReceipt>
  readonly unarchive: (options?: Idempotent) => Promise<AcceptedReceipt>
  /** For good. An active turn is interrupted first. The log keeps what happened. */
  readonly delete: (options?: Idempotent) => Promise<AcceptedReceipt>
}

export interface Turn {
  readonly threadId: string
  readonly turnId: string
  /**
   * Resolves when the turn has completed; rejects with `TurnFailed` or `TurnInterrupted`, which hold it too. Waits however long the
   * turn takes, and is rejected by `close()`.
   */
  readonly completed: Promise<TurnView>
  /**
   * What the assistant says in the turn, piece by piece, as soon as its mode shows it: `streaming` at once, the others when it is in
   * the log. Ends with the turn, however that ends.
   */
  readonly text: (options?: Following) => AsyncIterable<string>
  /** The turn's events, from the one that asked for it to its end. */
  readonly events: (options?: Following) => AsyncIterable<ClientEvent>
  /** Stops the turn, or takes it out of the queue. Resolves when that is committed; the turn's end follows within seconds. */
  readonly interrupt: (options?: Idempotent) => Promise<AcceptedReceipt>
  /** Tries a failed or interrupted turn again, as a new turn in its place. */
  readonly retry: (options?: { readonly turnId?: string } & Idempotent) => Promise<Turn>
}
