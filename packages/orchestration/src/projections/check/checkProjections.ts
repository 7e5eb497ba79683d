/** Whether the read models are what the log says: each projection's tables compared with a fold, row by row. */
import { Duration, Effect } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { Unavailable } from "../../EventLog.ts"
import { unavailable } from "../../postgres/sqlFailure.ts"
import { threadShape } from "../threads/threadShape.ts"
import { checkThreads, type Checked } from "./checkThreads.ts"
import { type Difference, Differences } from "./Difference.ts"

/** Differences that are named by default; all are counted. */
const NAMED = 20

/** Texts that the search index is asked for, before only every 500th is. */
const LOOKUPS = 50

export interface CheckOptions {
  /** How many differences are named. Default: 20. */
  readonly named?: number
  /** How many texts the search index is asked for, before only every 500th is. Default: 50. */
  readonly lookups?: number
  /** Called now and then with how many of the events are folded. */
  readonly onProgress?: (events: number, of: number) => void
}

export interface CheckReport extends Checked {
  readonly projection: string
  /** All of them. */
  readonly differences: number
  /** The first ones. */
  readonly named: ReadonlyArray<Difference>
  readonly seconds: number
}

/** Reads only, in one snapshot, while everything goes on. */
export const checkProjections = Effect.fn("Projections.check")(function* ({
  lookups = LOOKUPS,
  named = NAMED,
  onProgress = () => {}
}: CheckOptions = {}): Effect.fn.Return<ReadonlyArray<CheckReport>, Unavailable, SqlClient> {
  const sql = yield* SqlClient
  const differences = new Differences(named)
  const [duration, checked] = yield* Effect.timed(
    Effect.mapError(checkThreads(sql, { differences, lookups, onProgress }), unavailable)
  )
  return [
    {
      projection: threadShape.name,
      ...checked,
      differences: differences.count,
      named: differences.first,
      seconds: Math.round(Duration.toMillis(duration)) / 1_000
    }
  ]
})
