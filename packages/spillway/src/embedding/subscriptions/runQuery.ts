import { causeText } from "@spillway/orchestration"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { SpillwayError } from "../SpillwayError.ts"

/** One statement of a service, whose failure says what the server said. */
export const runQuery = <R extends object>(
  client: SqlClient,
  text: string,
  parameters: ReadonlyArray<unknown> = []
): Effect.Effect<ReadonlyArray<R>, SpillwayError> =>
  Effect.mapError(client.unsafe<R>(text, parameters), queryFailed)

const queryFailed = (error: SqlError) =>
  new SpillwayError("query-failed", `The query failed: ${causeText(error)}`, {
    retryable: error.isRetryable,
    cause: error
  })
