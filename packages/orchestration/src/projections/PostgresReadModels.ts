/** The read models in Postgres, kept up by this process or by another one. */
import type { TenantId, ThreadId } from "@spillway/contracts"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { EventLog } from "../EventLog.ts"
import { unavailable } from "../postgres/sqlFailure.ts"
import { Publisher } from "../Publisher.ts"
import { ReadModels, type ThreadListOptions, type ThreadPage } from "../ReadModels.ts"
import { makeCheckpoint } from "./Checkpoint.ts"
import { makeCheckpointWatch } from "./CheckpointWatch.ts"
import { runProjection } from "./ProjectionRunner.ts"
import { assembleTurns } from "./threads/assemble.ts"
import { withOpenMessages } from "./threads/openMessages.ts"
import { readThreadRows } from "./threads/readRows.ts"
import { readSummaries, readThreadList } from "./threads/readSummaries.ts"
import { makeThreadProjection, partialViewOf } from "./threads/threadProjection.ts"

const DEFAULT_TURNS = 50
const DEFAULT_THREADS = 200

/** Projects while its scope is open. */
export const layer: Layer.Layer<ReadModels, never, SqlClient | EventLog | Publisher> = Layer.effect(
  ReadModels,
  Effect.gen(function* () {
    const sql = yield* SqlClient
    const log = yield* EventLog
    const publisher = yield* Publisher
    const projection = makeThreadProjection(sql, log)
    const checkpoint = makeCheckpoint(sql, projection)
    const watch = yield* makeCheckpointWatch(checkpoint)
    yield* Effect.forkScoped(runProjection({ sql, publisher, projection, checkpoint, watch }))

    const reading = <A>(effect: Effect.Effect<A, SqlError>) => Effect.mapError(effect, unavailable)

    const thread = Effect.fn("ReadModels.thread")(function* (
      tenant: TenantId,
      threadId: ThreadId,
      { before, turns = DEFAULT_TURNS }: ThreadPage = {}
    ) {
      const rows = yield* reading(
        readThreadRows(sql, { tenant, threadId }, { before: before ?? null, turns })
      )
      const row = rows.thread[0]
      if (row === undefined) return undefined
      const { view } = partialViewOf(row)
      const held = assembleTurns(rows)
      const oldest = held[0]
      return {
        view: {
          ...view,
          turns: yield* withOpenMessages(
            log,
            { tenant, threadId, version: view.version },
            held.map(({ turn }) => turn)
          )
        },
        before: oldest !== undefined && oldest.turnIndex > 0 ? oldest.turn.turnId : null
      }
    })

    return ReadModels.of({
      waitFor: watch.waitFor,
      status: Effect.map(reading(checkpoint.read), (status) => [status]),
      thread,
      threads: Effect.fn("ReadModels.threads")(
        (tenant: TenantId, { before, limit = DEFAULT_THREADS }: ThreadListOptions = {}) =>
          reading(readThreadList(sql, tenant, limit, before))
      ),
      summaries: Effect.fn("ReadModels.summaries")((tenant: TenantId, threadIds: ReadonlyArray<ThreadId>) =>
        reading(readSummaries(sql, tenant, threadIds))
      ),
      busyThreads: reading(
        sql<{ readonly tenant: TenantId; readonly threadId: ThreadId }>`
          select tenant, thread_id as "threadId" from thread where active_turn_id is not null`
      ).pipe(Effect.withSpan("ReadModels.busyThreads"))
    })
  })
)
