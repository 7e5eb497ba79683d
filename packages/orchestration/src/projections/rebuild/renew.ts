/** What a process does that finds tables of an older shape than it writes. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { EventLog, Unavailable } from "../../EventLog.ts"
import { unavailable } from "../../postgres/sqlFailure.ts"
import type { Checkpoint } from "../Checkpoint.ts"
import { rebuildProjections } from "./rebuild.ts"

/** Between two looks whether another process has made them. */
const LOOK_EVERY = "500 millis"

/**
 * Builds them again, or waits for the process that does. Where that can't be done, says so for all to see, and waits for one that
 * can: the old tables serve meanwhile.
 */
export const renew = Effect.fnUntraced(function* (
  sql: SqlClient,
  log: EventLog["Service"],
  checkpoint: Checkpoint
): Effect.fn.Return<void, Unavailable> {
  const stand = yield* Effect.mapError(checkpoint.read, unavailable)
  const awaitOthers = Effect.gen(function* () {
    while (true) {
      yield* Effect.sleep(LOOK_EVERY)
      const now = yield* Effect.mapError(checkpoint.read, unavailable)
      if (now.version !== stand.version || now.generation !== stand.generation) return
    }
  })
  yield* rebuildProjections().pipe(
    Effect.catchTags({
      RebuildRunning: () => Effect.sleep(LOOK_EVERY),
      RebuildFailed: ({ message }) =>
        Effect.logError("The read models can't be brought to this version", message).pipe(
          Effect.andThen(Effect.mapError(checkpoint.fail(stand.checkpoint, message), unavailable)),
          Effect.andThen(awaitOthers)
        )
    }),
    Effect.provideService(SqlClient, sql),
    Effect.provideService(EventLog, log)
  )
})
