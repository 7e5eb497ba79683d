/** Text of a provider on its way into the log: how fast it can be, and what it costs the database. */
import type { DeliveryMode } from "@spillway/contracts"
import { Effect } from "effect"
import type { BenchmarkCase, Check } from "../runner/BenchmarkCase.ts"
import { measureFullSpeed } from "./ingest/fullSpeed.ts"
import { measureLinearity } from "./ingest/linearity.ts"
import { type Cost, measureWriteBudget } from "./ingest/writeBudget.ts"

/** Characters a second for which the write budget holds. */
const PACES = [250, 1_000]

/** The most events for 10,000 characters; a mode that is not here has no limit of its own. */
const MOST_EVENTS: Partial<Record<DeliveryMode, number>> = { streaming: 30, buffered: 4 }

const MODES: ReadonlyArray<DeliveryMode> = ["buffered", "streaming", "paragraph"]

/** The most bytes, as multiples of the text's. */
const MOST = { data: 1.5, tables: 3.5, wal: 8 } as const

/** By how much a character of the longest text may cost more than one of the shortest: a quadratic buffer is at 16 times. */
const MOST_GROWTH = 2

const run = Effect.gen(function* () {
  const speeds = yield* Effect.scoped(measureFullSpeed)
  const buffering = yield* Effect.scoped(measureLinearity)
  const costs = yield* Effect.forEach(
    PACES.flatMap((pace) => MODES.map((mode) => ({ mode, pace }))),
    ({ mode, pace }) => Effect.scoped(measureWriteBudget(mode, pace)),
    { concurrency: "unbounded" }
  )
  const growth = buffering.at(-1)!.nanosPerCharacter / buffering[0]!.nanosPerCharacter
  return {
    figures: { fullSpeed: speeds, buffering, writeBudget: costs.map((cost) => ({ ...cost })) },
    tables: [
      {
        title: "Full speed, 8 threads",
        rows: speeds.map(({ charactersPerSecond, eventsPerSecond, mode }) => ({
          mode,
          "characters/s": charactersPerSecond,
          "events/s": eventsPerSecond
        }))
      },
      {
        title: "Buffering a whole text",
        rows: buffering.map(({ length, nanosPerCharacter }) => ({
          characters: length,
          "ns/character": nanosPerCharacter
        }))
      },
      {
        title: "Per 10,000 characters",
        rows: costs.map(({ checkpoint, data, mode, pace, tables, textEvents, turnEvents, wal }) => ({
          mode,
          "characters/s": pace,
          events: textEvents,
          "events of the turn": turnEvents,
          "data ×": data,
          "tables ×": tables,
          "checkpoint ×": checkpoint,
          "WAL ×": wal
        }))
      }
    ],
    checks: [
      {
        name: "T10 cost of a buffered character, longest text to shortest",
        value: growth,
        limit: MOST_GROWTH,
        is: "at most" as const
      },
      ...costs.flatMap(checksOf)
    ]
  }
})

const checksOf = (cost: Cost): ReadonlyArray<Check> => {
  const at = `${cost.mode} at ${cost.pace} characters/s`
  const events = MOST_EVENTS[cost.mode]
  return [
    ...(events === undefined
      ? []
      : [{ name: `${at}: events`, value: cost.textEvents, limit: events, is: "at most" as const }]),
    {
      name: `${at}: bytes of data, as multiples of the text's`,
      value: cost.data,
      limit: MOST.data,
      is: "at most"
    },
    { name: `${at}: bytes of tables and indexes`, value: cost.tables, limit: MOST.tables, is: "at most" },
    { name: `${at}: bytes of WAL`, value: cost.wal, limit: MOST.wal, is: "at most" }
  ]
}

export const ingest: BenchmarkCase = {
  name: "ingest",
  about:
    "A provider runtime's text through ingestion, engine, read models and a durable Postgres. The write budget is taken over 24 texts of 10,000 characters on a server of their own, between two checkpoints of Postgres; tables are all of Spillway's, with read models and indexes, without the megabyte in which the search index collects new words, and without the rows of un-flushed text that nothing needs any more.",
  run
}
