/** Whoever rebuilds a projection holds a lock of its session, which goes with the connection, whatever ends it. */
import { Effect, Schedule } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import { running } from "./RebuildError.ts"

/** The key of the advisory lock, in this schema. */
export const rebuildLock = (name: string): string =>
  `hashtextextended('spillway rebuild ' || current_schema() || ' ${name}', 0)`

/** While its scope is open, and the connection. */
export const holdLock = Effect.fnUntraced(function* (sql: SqlClient, name: string) {
  const connection = yield* sql.reserve
  const ask = (what: string) =>
    connection.execute(`select ${what}(${rebuildLock(name)}) as held`, [], undefined)
  yield* Effect.acquireRelease(
    ask("pg_try_advisory_lock").pipe(
      Effect.filterOrFail(
        ([row]) => row!.held === true,
        () => running(name)
      ),
      // One that was killed a moment ago holds it until Postgres has noticed.
      Effect.retry({
        times: 10,
        schedule: Schedule.spaced("100 millis"),
        while: (error) => error._tag === "RebuildRunning"
      })
    ),
    () => Effect.ignore(ask("pg_advisory_unlock"))
  )
})
