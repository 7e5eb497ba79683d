/** A consumer that folds the log into tables. `ProjectionRunner` runs it. */
import type { LoggedEvent } from "@spillway/contracts"
import type { Effect } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import type { Unavailable } from "../EventLog.ts"

export interface Projection {
  readonly name: string
  /** Raised when the tables' shape or meaning changes: those of an older one are built again before they are written. */
  readonly version: number
  /**
   * Writes what consecutive events of the log change, inside the transaction that moves the checkpoint past them. What it answers
   * is called once that is committed: only then may it remember what it wrote. Dies on events that can't be folded.
   */
  readonly project: (events: ReadonlyArray<LoggedEvent>) => Effect.Effect<() => void, SqlError | Unavailable>
  /** Forgets what it remembers of its tables: another process may have written them. */
  readonly forget: () => void
}
