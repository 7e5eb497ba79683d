/** What the parts of a subscription that runs in this process share. */
import type { Latch } from "effect"
import type { Publisher } from "../Publisher.ts"
import type { SubscriptionRows, SubscriptionTimes } from "./subscriptionRows.ts"
import type { RetryPolicy, SubscriptionDefinition } from "./Subscriptions.ts"

export interface SubscriptionRun<E, R> {
  readonly definition: SubscriptionDefinition<E, R>
  readonly rows: SubscriptionRows
  readonly times: SubscriptionTimes
  readonly publisher: Publisher["Service"]
  /** Names this run among those of all processes. */
  readonly owner: string
  /** Open once it should end: the batch that is under way is its last. */
  readonly stopping: Latch.Latch
  /** Told how far events are handled or left out. */
  readonly moved: (lease: Readonly<HeldLease>) => void
}

/** The right to handle a subscription's events, and how far that has come. */
export interface HeldLease {
  readonly epoch: bigint
  /** Failures of the event behind `through`. */
  failures: number
  /** Everything up to here was handled or left out. The stored checkpoint may lag behind what was left out. */
  through: number
}

export const DEFAULT_BATCH_SIZE = 100

export const DEFAULT_RETRY = {
  attempts: 10,
  firstDelay: 100,
  longestDelay: 30_000
} satisfies RetryPolicy
