/**
 * Durable subscriptions: consumers of the whole log that are not ours. Each has a name and a checkpoint; of the processes that run one
 * of a name, one handles events at a time, and when it goes another takes over.
 *
 * Guarantees:
 * - Events are handled in the log's order. Nothing is left out: a batch begins behind what was handled last.
 * - At least once: the checkpoint moves after the handler. What was handled when a process died before its checkpoint is handled again.
 * - Exactly once, in a transaction: where the handler writes through the transaction that moves the checkpoint, both happen or neither.
 * - An event that can't be handled is tried again with growing pauses, then the subscription stops there and says why. It goes on when
 *   it is run anew, in this process or another, or when it is reset.
 */
import type { LoggedEvent, ThreadEventType } from "@spillway/contracts"
import { Context, type Effect, Schema, type Scope } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { Unavailable } from "../EventLog.ts"

/** Where a subscription begins: with the log's first event, with the next one, or behind a position. */
export type SubscriptionStart = "beginning" | "now" | { readonly after: number }

export interface RetryPolicy {
  /** How often one event is tried before the subscription stops. Default: 10. */
  readonly attempts?: number | undefined
  /** The pause after the first failure, doubled with each one more. Milliseconds; default 100. */
  readonly firstDelay?: number | undefined
  /** The longest pause. Milliseconds; default 30,000. */
  readonly longestDelay?: number | undefined
}

export interface SubscriptionDefinition<E, R> {
  /** Names the checkpoint in the database: 1 to 128 printable ASCII characters without spaces. */
  readonly name: string
  /**
   * Handles consecutive events; those of other types are left out. Interrupted when another process has taken over, so that it must
   * expect to see the same events again.
   */
  readonly handle: (events: ReadonlyArray<LoggedEvent>) => Effect.Effect<void, E, R>
  /** Where a name that is new begins; one that is known goes on from its checkpoint. Default: `beginning`. */
  readonly from?: SubscriptionStart | undefined
  /** Only these. Default: all. */
  readonly types?: ReadonlyArray<ThreadEventType> | undefined
  /** The most events of one batch. Default: 100. */
  readonly batchSize?: number | undefined
  readonly retry?: RetryPolicy | undefined
  /**
   * Exactly once: the handler runs in a transaction of this client, which must be of the log's database, and the checkpoint moves in
   * the same one. What the handler does through another client, or beside the database, is done at least once all the same.
   */
  readonly transaction?: SqlClient | undefined
}

export interface SubscriptionStatus {
  readonly name: string
  /** `idle`: no process runs it now. `retrying`: the last try failed. `stopped`: it is not tried again by itself. */
  readonly state: "running" | "retrying" | "stopped" | "idle"
  /** Everything up to here was handled. */
  readonly position: number
  /** Events of the log behind that, of all types. */
  readonly behind: number
  /** Failures in a row since the position moved. */
  readonly failures: number
  /** What the last of them was. */
  readonly failure: string | null
  /** When the position last moved; ISO 8601. */
  readonly movedAt: string
}

/** The subscription does not go on: run it anew once it can handle the event, or reset it to behind it. */
export class SubscriptionStopped extends Schema.TaggedError<SubscriptionStopped>(
  "@spillway/orchestration/SubscriptionStopped"
)("SubscriptionStopped", { name: Schema.String, position: Schema.Int, message: Schema.String }) {}

/** There is no subscription of that name in this database. */
export class SubscriptionUnknown extends Schema.TaggedError<SubscriptionUnknown>(
  "@spillway/orchestration/SubscriptionUnknown"
)("SubscriptionUnknown", { name: Schema.String, message: Schema.String }) {}

/** The subscription can't be removed while a process runs it. */
export class SubscriptionInUse extends Schema.TaggedError<SubscriptionInUse>(
  "@spillway/orchestration/SubscriptionInUse"
)("SubscriptionInUse", { name: Schema.String, message: Schema.String }) {}

/** The definition can't be run. */
export class SubscriptionInvalid extends Schema.TaggedError<SubscriptionInvalid>(
  "@spillway/orchestration/SubscriptionInvalid"
)("SubscriptionInvalid", { message: Schema.String }) {}

export class Subscriptions extends Context.Service<
  Subscriptions,
  {
    /**
     * Runs a subscription in this process until the scope closes, and returns once it has a checkpoint. Whether this process or another
     * handles its events is up to the lease. A subscription that has stopped is tried again. Closing lets the batch that is under way
     * end, for up to ten seconds.
     */
    readonly run: <E, R>(
      definition: SubscriptionDefinition<E, R>
    ) => Effect.Effect<void, Unavailable | SubscriptionInvalid, R | Scope.Scope>
    /** All that this database knows of, by name. */
    readonly all: Effect.Effect<ReadonlyArray<SubscriptionStatus>, Unavailable>
    readonly status: (name: string) => Effect.Effect<SubscriptionStatus, Unavailable | SubscriptionUnknown>
    /** Returns once everything up to a position was handled, by whichever process. */
    readonly waitFor: (
      name: string,
      position: number
    ) => Effect.Effect<void, Unavailable | SubscriptionUnknown | SubscriptionStopped>
    /** Sets the checkpoint, forward or back. Whoever runs it goes on from there; one that has stopped goes on, too. */
    readonly reset: (
      name: string,
      to: SubscriptionStart
    ) => Effect.Effect<void, Unavailable | SubscriptionUnknown>
    /** Forgets the checkpoint. */
    readonly remove: (
      name: string
    ) => Effect.Effect<void, Unavailable | SubscriptionUnknown | SubscriptionInUse>
  }
>()("@spillway/orchestration/Subscriptions") {}
