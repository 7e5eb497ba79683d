/**
 * What a text costs the database: events, bytes of their data, growth of all tables with their indexes, WAL. Each mode and pace
 * on a Postgres server of its own, since the WAL is the server's, all at the same time, since pacing is waiting. The text's way through
 * the checkpoint counts: in the WAL as it is written, in the tables with what vacuum leaves of it, and by itself with the most it took.
 */
import type { DeliveryMode } from "@spillway/contracts"
import type { Connection } from "@spillway/embedded-postgres"
import { Effect } from "effect"
import { query, startDisposablePostgres } from "../../runner/DisposablePostgres.ts"
import { round } from "../../runner/statistics.ts"
import { startTurns } from "./turns.ts"

/** Characters of each text: what the budget is for. */
const LENGTH = 10_000

/** Texts on each server, begun one after the other: tables grow by whole pages, and one text is only a few of them. */
const TEXTS = 24

/** Texts before them, so that every table and its free space map have their first pages; the last one slowly, for the checkpoint's. */
const WARM_UP = 8
const WARM_UP_PACE = { length: 2_000, pace: 1_000 }

/**
 * New words wait for others in a list of the search index, which has a megabyte at the most, however many texts there are: the index
 * counts without it.
 */
const mergeSearch = "select gin_clean_pending_list('spillway.message_search')"
const compactSearch = "reindex index spillway.message_search"

export interface Cost {
  readonly mode: DeliveryMode
  /** Characters a second. */
  readonly pace: number
  /** Events of the message: opened, segments, closed. */
  readonly textEvents: number
  /** All events of the turn, from the request to its end. */
  readonly turnEvents: number
  /** Bytes, as multiples of the text's: `data` of the message's events … */
  readonly data: number
  /** … growth of all tables, read models and indexes, but for the search index's list of words that wait … */
  readonly tables: number
  /** … of the checkpoint's table before vacuum, when nothing of it was needed any more … */
  readonly checkpoint: number
  /** … and write-ahead log, of everything that went on meanwhile. */
  readonly wal: number
}

export const measureWriteBudget = Effect.fnUntraced(function* (mode: DeliveryMode, pace: number) {
  const { makeDatabase } = yield* startDisposablePostgres
  const { connection } = yield* makeDatabase("write_budget")
  const turns = yield* startTurns(connection)
  const turnOf = (name: string, seed: number, at: number | null) => ({
    threadId: name,
    turnId: `${name}/turn`,
    mode,
    seed,
    length: LENGTH,
    pace: at
  })

  for (let i = 0; i < WARM_UP; i++) yield* turns.run(turnOf(`warm-up-${i}`, TEXTS + i, null))
  yield* turns.run({ ...turnOf("warm-up-slow", TEXTS + WARM_UP, null), ...WARM_UP_PACE })
  yield* turns.projected
  yield* query(connection, "vacuum")
  yield* query(connection, compactSearch)
  const before = yield* standOf(connection)
  const measured = Array.from({ length: TEXTS }, (_, i) => turnOf(`text-${i}`, i + 1, pace))
  yield* Effect.forEach(
    measured,
    (turn, i) => Effect.andThen(Effect.sleep((i * 2_000) / TEXTS), turns.run(turn)),
    { concurrency: "unbounded", discard: true }
  )
  yield* turns.projected
  // Few words at once: what merging them writes is more here than it is where a whole list of them has come together.
  yield* query(connection, mergeSearch)
  const written = yield* standOf(connection)
  yield* query(connection, compactSearch)
  // Nothing in it is needed any more, and its room is used again.
  yield* query(connection, "vacuum spillway.text_checkpoint")
  const after = { ...written, tables: (yield* standOf(connection)).tables }
  yield* Effect.forEach(measured, turns.requireText, { discard: true })

  const per = (key: keyof Stand) => (Number(after[key]) - Number(before[key])) / TEXTS
  return {
    mode,
    pace,
    textEvents: round(per("text_events"), 2),
    turnEvents: round(per("events"), 2),
    data: round(per("text_data") / LENGTH, 3),
    tables: round(per("tables") / LENGTH, 3),
    checkpoint: round(per("checkpoint") / LENGTH, 3),
    wal: round(per("wal") / LENGTH, 3)
  } satisfies Cost
})

interface Stand {
  readonly events: bigint
  readonly text_events: bigint
  readonly text_data: bigint
  readonly tables: bigint
  readonly checkpoint: bigint
  readonly wal: bigint
}

const standOf = (connection: Connection) =>
  Effect.map(
    query<Stand>(
      connection,
      `select
         (select count(*) from spillway.event) as events,
         (select count(*) from spillway.event where type like 'thread.message-%' and type <> 'thread.message-sent') as text_events,
         (select coalesce(sum(octet_length(data::text)), 0)::bigint from spillway.event
          where type like 'thread.message-%' and type <> 'thread.message-sent') as text_data,
         (select sum(pg_total_relation_size(oid))::bigint from pg_class
          where relnamespace = 'spillway'::regnamespace and relkind = 'r') as tables,
         pg_total_relation_size('spillway.text_checkpoint') as checkpoint,
         (pg_current_wal_insert_lsn() - '0/0')::bigint as wal`
    ),
    ([row]) => row!
  )
