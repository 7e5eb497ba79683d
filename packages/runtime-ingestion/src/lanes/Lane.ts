/** The bounded way of one session's inputs to its worker. */
import type { Effect } from "effect"

export interface Lane<A> {
  /** Waits for room in the lane and in the budget, behind those who wait already; false once the lane is closed. */
  readonly offer: (item: A) => Effect.Effect<boolean>
  /** Reserved room: never waits. False once the lane is closed. */
  readonly offerControl: (item: A) => boolean
  /** At least one item and at most `max`, in the order of admission; none only once the lane is closed and empty. */
  readonly take: (max: number) => Effect.Effect<ReadonlyArray<A>>
  /** What is there, at most `max`. */
  readonly takeNow: (max: number) => ReadonlyArray<A>
  /** So many offered items are done with: their room is free again. Controls do not count. */
  readonly done: (items: number) => void
  /** Items offered and not done with. */
  readonly depth: () => number
  /** Takes nothing more; waiting offers return false. */
  readonly close: Effect.Effect<void>
}
