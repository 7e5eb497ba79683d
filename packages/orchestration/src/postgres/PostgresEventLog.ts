/**
 * The log in Postgres. Appends have a pool of their own, so that readers never keep them waiting. An append is one
 * statement and is not interrupted once begun; one that stays unanswered for too long ends as `OutcomeUnknown`.
 */
import type { SessionId, TenantId, ThreadId } from "@spillway/contracts"
import { PgClient, PgPool } from "@effect/sql-pg"
import { Effect, Fiber, Layer } from "effect"
import {
  type Append,
  AppendInvalid,
  type AppendOutcome,
  type CheckpointRow,
  EventLog,
  type ThreadSnapshot,
  Unavailable,
  type UnflushedText
} from "../EventLog.ts"
import {
  appendParameters,
  appendStatement,
  appendWithCheckpointStatement,
  checkpointParameters,
  hasCheckpoint
} from "./appendParameters.ts"
import { commitChannel, type ConnectionOptions, connectionConfig } from "./connection.ts"
import { unreachable } from "./DatabaseError.ts"
import { noAnswer } from "./answerWithin.ts"
import { OutageWatch } from "./OutageWatch.ts"
import { makeReading } from "./reading.ts"
import { appendFailure, unavailable } from "./sqlFailure.ts"
import { eventColumns, eventOf, hex, type StoredEvent } from "./storedEvent.ts"

/**
 * How long an append may stay unanswered, in milliseconds: at first, so that it can be sent again well within the time that a command
 * waits, and at the most, since a database that is slow would never get one done that is called off.
 */
const APPEND_TIMEOUT = 5_000
const LONGEST_APPEND = 30_000

/** Appends of one process go out one by one; the others are for those that were given up and are being called off. */
const APPEND_CONNECTIONS = 3

export interface PostgresEventLogOptions extends ConnectionOptions {
  /** Names this process in what its commits tell the others. */
  readonly writer: string
}

/** Expects the schema to be up to date, and reads through the PgClient. */
export const layer = (options: PostgresEventLogOptions) =>
  Layer.effect(EventLog, Effect.mapError(make(options), unreachable))

const make = Effect.fnUntraced(function* (options: PostgresEventLogOptions) {
  const sql = yield* PgClient.PgClient
  const pool = yield* PgPool.make({
    ...connectionConfig(options, "append"),
    minConnections: 1,
    maxConnections: APPEND_CONNECTIONS
  })
  const channel = commitChannel(options)
  const outage = yield* OutageWatch
  const reading = yield* makeReading
  let appendTimeout = APPEND_TIMEOUT

  /**
   * Runs an append's statement. One that is not answered in time is given up at once and called off behind that, so that the next one need
   * not wait for it.
   */
  const run = Effect.fnUntraced(function* (statement: string, parameters: ReadonlyArray<unknown>) {
    let sent = false
    let isGivenUp = false
    const running = yield* Effect.forkDetach(
      pool
        .use((connection) => {
          // What was said not to have been sent is not sent any more.
          if (isGivenUp) return Effect.interrupt
          sent = true
          return connection.query(statement, parameters)
        })
        .pipe(Effect.interruptible),
      { startImmediately: true }
    )
    return yield* Fiber.join(running).pipe(
      Effect.tapError((error) => Effect.sync(() => outage.failed(error))),
      Effect.mapError(appendFailure),
      // By the timeout alone: this is its fiber, not the caller's.
      Effect.interruptible,
      Effect.timeoutOrElse({
        duration: appendTimeout,
        orElse: () => {
          isGivenUp = true
          const error = noAnswer(appendTimeout)
          appendTimeout = Math.min(appendTimeout * 2, LONGEST_APPEND)
          outage.failed(error)
          return Effect.andThen(
            Effect.forkDetach(Fiber.interrupt(running)),
            Effect.fail(sent ? appendFailure(error) : unavailable(error))
          )
        }
      })
    )
  })

  // No span of its own: the engine says what of an append is seen in traces, and this is where every commit goes through.
  const append = Effect.fnUntraced(function* (batch: Append) {
    const withText = hasCheckpoint(batch)
    const parameters = yield* Effect.try({
      try: () => [
        ...appendParameters(batch, channel, options.writer),
        ...(withText ? checkpointParameters(batch) : [])
      ],
      catch: (cause) => new AppendInvalid({ message: "The database can't store this.", cause })
    })
    const result = yield* run(withText ? appendWithCheckpointStatement : appendStatement, parameters)
    appendTimeout = APPEND_TIMEOUT
    outage.wrote()
    const row = result.rows[0] as unknown as AppendRow
    if (row.refusal === null) return { _tag: "Committed", position: Number(row.first_position) } as const
    const { cursors, fenced, receipts, taken } = row.refusal
    if (!fenced && receipts.length + taken.length + cursors.length === 0) {
      return yield* new AppendInvalid({
        message: "An event does not follow the one before it in its thread."
      })
    }
    return { _tag: "Refused", ...row.refusal } as const
  }, Effect.uninterruptible)

  const readThread = Effect.fn("EventLog.readThread")(function* (thread: {
    readonly tenant: TenantId
    readonly threadId: ThreadId
    readonly afterVersion: number
    readonly limit: number
  }) {
    const rows = yield* reading(
      sql<StoredEvent>`
        select ${columns} from event
        where tenant = ${thread.tenant} and thread_id = ${thread.threadId} and version > ${thread.afterVersion}
        order by version limit ${thread.limit}`
    )
    return rows.map(eventOf)
  })

  const readLog = Effect.fn("EventLog.readLog")(function* (range: {
    readonly afterPosition: number
    readonly limit: number
  }) {
    const rows = yield* reading(
      sql<StoredEvent>`
        select ${columns} from event where position > ${range.afterPosition} order by position limit ${range.limit}`
    )
    const hole = rows.findIndex((row, i) => Number(row.position) !== range.afterPosition + i + 1)
    if (hole !== -1) {
      const message = `The log has a hole: position ${range.afterPosition + hole + 1} is missing. Restore it from a backup.`
      yield* Effect.logError(message)
      return yield* new Unavailable({ message })
    }
    return rows.map(eventOf)
  })

  const columns = sql.literal(eventColumns)

  const head = reading(sql<{ readonly position: bigint }>`select position from log_head`).pipe(
    Effect.map(([row]) => Number(row!.position)),
    Effect.withSpan("EventLog.head")
  )

  const cursor = Effect.fn("EventLog.cursor")(function* (sessionId: SessionId) {
    const [row] = yield* reading(
      sql<StoredCursor>`
        select generation, through from session_cursor where session_id = ${sessionId}
        union all
        select generation, through from text_checkpoint where session_id = ${sessionId}
        order by generation desc, through desc limit 1`
    )
    return row && { sessionId, generation: row.generation, through: Number(row.through) }
  })

  const checkpoint = Effect.fn("EventLog.checkpoint")(function* (sessionId: SessionId) {
    const rows = yield* reading(
      sql<StoredCursor & UnflushedText>`
        select
          generation, through, ordinal, message_id as "messageId", part_id as "partId", item_id as "itemId",
          tool_call_id as "toolCallId", kind, "offset", resumes_at as "resumesAt", text
        from text_checkpoint where session_id = ${sessionId} order by ordinal`
    )
    return rows.map((row): CheckpointRow => ({ ...row, sessionId, through: Number(row.through) }))
  })

  const snapshot = Effect.fn("EventLog.snapshot")(function* (tenant: TenantId, threadId: ThreadId) {
    const [row] = yield* reading(
      sql<{
        readonly version: bigint
        readonly hash: Uint8Array
        readonly shape: number
        readonly state: unknown
      }>`
        select version, hash, shape, state from thread_snapshot
        where tenant = ${tenant} and thread_id = ${threadId}`
    )
    return (
      row && {
        tenant,
        threadId,
        version: Number(row.version),
        hash: hex(row.hash),
        shape: row.shape,
        state: row.state
      }
    )
  })

  const keepSnapshot = Effect.fn("EventLog.keepSnapshot")(function* (snapshot: ThreadSnapshot) {
    yield* reading(
      sql`
        insert into thread_snapshot as kept (tenant, thread_id, version, hash, shape, state)
        values (
          ${snapshot.tenant}, ${snapshot.threadId}, ${snapshot.version}, ${Buffer.from(snapshot.hash, "hex")},
          ${snapshot.shape}, ${JSON.stringify(snapshot.state)}::json
        )
        on conflict (tenant, thread_id) do update
          set version = excluded.version, hash = excluded.hash, shape = excluded.shape, state = excluded.state
          where excluded.version >= kept.version`
    )
  })

  const [row] = yield* sql<{ readonly log_id: string }>`select log_id from log_head`
  return EventLog.of({
    logId: row!.log_id,
    append,
    head,
    readThread,
    readLog,
    cursor,
    checkpoint,
    snapshot,
    keepSnapshot
  })
})

interface AppendRow {
  readonly first_position: bigint | null
  readonly refusal: Omit<Extract<AppendOutcome, { readonly _tag: "Refused" }>, "_tag"> | null
}

interface StoredCursor {
  readonly generation: number
  readonly through: bigint
}
