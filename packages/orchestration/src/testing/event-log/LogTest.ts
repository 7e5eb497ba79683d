/** How the tests of the EventLog suite are written. */
import type { Effect, Layer, Scope } from "effect"
import type { EventLog } from "../../EventLog.ts"
import type { NodeLease } from "../../NodeLease.ts"

export interface LogAdapter<Store, E1, E2> {
  /** What outlives a process. Each test gets a fresh, empty one. */
  readonly store: Layer.Layer<Store, E1>
  /** One process on the store. Built more than once on the same store: several processes, or a restart. */
  readonly process: Layer.Layer<EventLog | NodeLease, E2, Store>
}

export interface LogProcess {
  readonly log: EventLog["Service"]
  readonly lease: NodeLease["Service"]
}

/** A test on a fresh store. `start` starts a process on it, which ends with the scope. */
export type LogTest = (
  title: string,
  body: (start: Effect.Effect<LogProcess, never, Scope.Scope>) => Effect.Effect<void, unknown, Scope.Scope>
) => void
