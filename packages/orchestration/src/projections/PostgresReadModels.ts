/** The read models in Postgres, kept up by this process or by another one. */
import type { TenantId, ThreadId } from "@spillway/contracts"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { EventLog, type Unavailable } from "../EventLog.ts"
import { makeReading } from "../postgres/reading.ts"
import { Publisher } from "../Publisher.ts"
import {
  type MessagePage,
  ReadModels,
  type Search,
  type SearchHits,
  type SearchTooSlow,
  type ThreadListOptions,
  type ThreadPage
} from "../ReadModels.ts"
import { makeCheckpoint, statusOf } from "./Checkpoint.ts"
import { makeCheckpointWatch } from "./CheckpointWatch.ts"
import { runProjection } from "./ProjectionRunner.ts"
import { renew } from "./rebuild/renew.ts"
import { makeBounded } from "./search/bounded.ts"
import { readMessageHits, readTitleHits, searchCursorOf } from "./search/readHits.ts"
import { parseQuery, type SearchQuery } from "./search/SearchQuery.ts"
import { assembleTurns } from "./threads/assemble.ts"
import { withOpenMessages } from "./threads/openMessages.ts"
import { readMessageRows, readThreadRows } from "./threads/readRows.ts"
import { readSummaries, readThreadList } from "./threads/readSummaries.ts"
import { makeThreadProjection, partialViewOf } from "./threads/threadProjection.ts"

const DEFAULT_TURNS = 50
const DEFAULT_THREADS = 200
const DEFAULT_MESSAGES = 50
const DEFAULT_HITS = 20

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
    yield* Effect.forkScoped(
      runProjection({ sql, publisher, projection, checkpoint, watch, rebuild: renew(sql, log, checkpoint) })
    )

    const bounded = yield* makeBounded

    const reading = yield* makeReading

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

    const messages = Effect.fn("ReadModels.messages")(function* (
      tenant: TenantId,
      threadId: ThreadId,
      { before, limit = DEFAULT_MESSAGES }: MessagePage = {}
    ) {
      // One more than asked for: then there are older ones.
      const rows = yield* reading(
        readMessageRows(sql, { tenant, threadId }, { before: before ?? null, limit: limit + 1 })
      )
      const row = rows.thread[0]
      if (row === undefined) return undefined
      // Their lists of messages have these places filled, and no others.
      const turns = yield* withOpenMessages(
        log,
        { tenant, threadId, version: row.version },
        assembleTurns(rows).map(({ turn }) => turn)
      )
      const found = turns.flatMap((turn) => turn.messages)
      const held = found.slice(-limit)
      return {
        version: row.version,
        messages: held,
        before: found.length > held.length ? held[0]!.messageId : null
      }
    })

    const hitsOf = Effect.fnUntraced(function* (
      tenant: TenantId,
      query: SearchQuery,
      { before, limit = DEFAULT_HITS, threadId }: Search
    ): Effect.fn.Return<SearchHits, Unavailable> {
      const searched = { tenant, query, threadId }
      const isInTitles = before === undefined || before.messageId === null
      const titles = isInTitles
        ? yield* reading(readTitleHits(sql, { ...searched, before, limit: limit + 1 }))
        : []
      const messages =
        titles.length > limit
          ? []
          : yield* reading(
              readMessageHits(sql, {
                ...searched,
                before: isInTitles ? undefined : before,
                limit: limit + 1 - titles.length
              })
            )
      const found = [...titles, ...messages]
      const hits = found.slice(0, limit)
      return { hits, before: found.length > limit ? searchCursorOf(hits.at(-1)!) : null }
    })

    const search = Effect.fn("ReadModels.search")((
      tenant: TenantId,
      search: Search
    ): Effect.Effect<SearchHits, Unavailable | SearchTooSlow> => {
      const query = parseQuery(search.query)
      return query.length === 0
        ? Effect.succeed({ hits: [], before: null })
        : bounded(hitsOf(tenant, query, search))
    })

    return ReadModels.of({
      waitFor: watch.waitFor,
      status: Effect.map(reading(checkpoint.read), (stand) => [statusOf(stand)]),
      thread,
      messages,
      search,
      threads: Effect.fn("ReadModels.threads")(
        (tenant: TenantId, { limit = DEFAULT_THREADS, ...filter }: ThreadListOptions = {}) =>
          reading(readThreadList(sql, tenant, limit, filter))
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
