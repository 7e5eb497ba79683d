/** Durable subscriptions, as a service that embeds Spillway writes them. */
import type { LoggedEvent, ThreadEventType } from "@spillway/contracts"
import type { Following } from "../Threads.ts"

/** A row of a query's answer. An `int8` is a bigint, a `timestamptz` a Date. */
export type Row = Readonly<Record<string, unknown>>

/**
 * Runs one SQL statement with `$1`-parameters and resolves to its rows. Names without a schema are in `public`,
 * never among Spillway's tables. Arrays need a cast: `any($1::text[])`.
 */
export type Query = <R extends object = Row>(
  text: string,
  parameters?: ReadonlyArray<unknown>
) => Promise<ReadonlyArray<R>>

/** `beginning`: with the log's first event. `now`: with the next one. */
export type SubscriptionStart = "beginning" | "now" | { readonly after: number }

export interface HandlerContext {
  /** Aborted when another process has taken over: it will see the same events. */
  readonly signal: AbortSignal
}

export interface TransactionContext extends HandlerContext {
  /** In the transaction that moves the checkpoint: both happen, or neither. */
  readonly query: Query
}

/** A logged event of one of these types. */
export type LoggedEventOf<T extends ThreadEventType> = Extract<LoggedEvent, { readonly type: T }>

interface SubscriptionBasics<T extends ThreadEventType> {
  /** Names the checkpoint: 1 to 128 printable ASCII characters without spaces. */
  readonly name: string
  /** Where a name that is new begins; one that is known goes on from its checkpoint. Default: `beginning`. */
  readonly from?: SubscriptionStart
  /** Only events of these types. Default: all. */
  readonly types?: ReadonlyArray<T>
  /** The most events that a handler is given at once. Default: 100. */
  readonly batchSize?: number
  /** How an event that can't be handled is tried again before the subscription stops. */
  readonly retry?: {
    /** How often it is tried. Default: 10. */
    readonly attempts?: number
    /** The pause after the first failure, doubled with each one more. Milliseconds; default 100. */
    readonly firstDelay?: number
    /** The longest pause. Milliseconds; default 30,000. */
    readonly longestDelay?: number
  }
}

/** At least once: the checkpoint moves after the handler. */
export interface AtLeastOnce<T extends ThreadEventType = ThreadEventType> extends SubscriptionBasics<T> {
  readonly transaction?: false
  /** Handles consecutive events, in the log's order. What it throws has them tried again. */
  readonly handle: (events: ReadonlyArray<LoggedEventOf<T>>, context: HandlerContext) => Promise<void> | void
}

/** Exactly once, for what the handler writes with `query`. */
export interface ExactlyOnce<T extends ThreadEventType = ThreadEventType> extends SubscriptionBasics<T> {
  readonly transaction: true
  readonly handle: (
    events: ReadonlyArray<LoggedEventOf<T>>,
    context: TransactionContext
  ) => Promise<void> | void
}

export type SubscriptionOptions<T extends ThreadEventType = ThreadEventType> = AtLeastOnce<T> | ExactlyOnce<T>

export interface SubscriptionStatus {
  readonly name: string
  /** `idle`: no process runs it now. `retrying`: the last try failed. `stopped`: it is not tried again by itself; `failure` says why. */
  readonly state: "running" | "retrying" | "stopped" | "idle"
  /** Everything up to here was handled. */
  readonly position: number
  /** Events of the log behind that, of all types. */
  readonly behind: number
  /** Failures in a row since the position moved. */
  readonly failures: number
  readonly failure: string | null
  /** When the position last moved; ISO 8601. */
  readonly movedAt: string
}

/** A subscription of this database, whichever process runs it. */
export interface Subscription {
  readonly name: string
  readonly status: () => Promise<SubscriptionStatus>
  /** Resolves once everything that is in the log now was handled; rejects when the subscription has stopped before that. */
  readonly caughtUp: (options?: Following) => Promise<void>
  /** Sets the checkpoint, forward or back. Whoever runs it goes on from there, also where it had stopped. */
  readonly reset: (to: SubscriptionStart) => Promise<void>
  /** Forgets the checkpoint. Rejected while a process runs it. */
  readonly remove: () => Promise<void>
}

/** One that runs in this process: it handles events while no other process does. */
export interface RunningSubscription extends Subscription {
  /** Runs it no longer. The batch that is under way ends first, for up to ten seconds. */
  readonly stop: () => Promise<void>
}
