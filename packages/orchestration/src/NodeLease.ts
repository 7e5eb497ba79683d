/**
 * One process per database holds the lease; only it runs reactors, sessions and recovery. Each time the lease changes hands its
 * epoch grows by one, and an append of runtime commands under an older epoch is refused.
 */
import { Context, type Effect, type Stream } from "effect"

export class NodeLease extends Context.Service<
  NodeLease,
  {
    /** The epoch under which this process holds the lease; `null` while another one does. */
    readonly epoch: Effect.Effect<number | null>
    /** The current value, then every change of it. */
    readonly changes: Stream.Stream<number | null>
  }
>()("@spillway/orchestration/NodeLease") {}
