/** As much text as ingestion takes, from several threads at once, in one mode after the other. */
import { DeliveryMode } from "@spillway/contracts"
import { Effect } from "effect"
import { startDisposablePostgres } from "../../runner/DisposablePostgres.ts"
import { milliseconds as now } from "../../runner/milliseconds.ts"
import { median, round } from "../../runner/statistics.ts"
import { startTurns } from "./turns.ts"
import { deltasOf } from "./Typist.ts"

const THREADS = 8

/** Characters of each thread's turn. */
const LENGTH = 100_000

const ROUNDS = 3

export const measureFullSpeed = Effect.gen(function* () {
  const { makeDatabase } = yield* startDisposablePostgres
  const { connection } = yield* makeDatabase("full_speed")
  const turns = yield* startTurns(connection)

  const once = Effect.fnUntraced(function* (mode: DeliveryMode, label: string) {
    const batch = Array.from({ length: THREADS }, (_, i) => ({
      threadId: `${mode}-${label}-${i}`,
      turnId: `${mode}-${label}-${i}/turn`,
      mode,
      seed: i,
      length: LENGTH,
      pace: null
    }))
    const began = yield* now
    yield* Effect.forEach(batch, turns.run, { concurrency: "unbounded", discard: true })
    const seconds = ((yield* now) - began) / 1_000
    yield* Effect.forEach(batch, turns.requireText, { discard: true })
    return seconds
  })

  const seconds = new Map(DeliveryMode.literals.map((mode) => [mode, [] as Array<number>]))
  for (const mode of DeliveryMode.literals) yield* once(mode, "warm")
  for (let i = 0; i < ROUNDS; i++) {
    for (const mode of DeliveryMode.literals) seconds.get(mode)!.push(yield* once(mode, `${i}`))
  }
  return DeliveryMode.literals.map((mode) => {
    const typical = median(seconds.get(mode)!)
    return {
      mode,
      threads: THREADS,
      charactersPerSecond: round((THREADS * LENGTH) / typical),
      eventsPerSecond: round((THREADS * deltasOf(LENGTH)) / typical)
    }
  })
})
