/** What a character costs in a text that is all buffered to its end, short or long: a copy of the text per delta would show. */
import { SPILL_LIMIT } from "@spillway/contracts"
import { DEFAULT_CUT_LIMITS } from "@spillway/runtime-ingestion"
import { Effect } from "effect"
import { startDisposablePostgres } from "../../runner/DisposablePostgres.ts"
import { milliseconds as now } from "../../runner/milliseconds.ts"
import { median, round } from "../../runner/statistics.ts"
import { startTurns } from "./turns.ts"

/** Characters; all of them more than a buffer ever holds outside this benchmark. */
const LENGTHS = [4 * SPILL_LIMIT, 16 * SPILL_LIMIT, 64 * SPILL_LIMIT]

const ROUNDS = 5

export const measureLinearity = Effect.gen(function* () {
  const { makeDatabase } = yield* startDisposablePostgres
  const { connection } = yield* makeDatabase("linearity")
  const turns = yield* startTurns(connection, {
    limits: { ...DEFAULT_CUT_LIMITS, spill: Number.POSITIVE_INFINITY }
  })
  const once = Effect.fnUntraced(function* (length: number, label: string) {
    const threadId = `text-${length}-${label}`
    const turn = {
      threadId,
      turnId: `${threadId}/turn`,
      mode: "buffered",
      seed: length,
      length,
      pace: null
    } as const
    const began = yield* now
    yield* turns.run(turn)
    const nanosPerCharacter = (((yield* now) - began) * 1e6) / length
    yield* turns.requireText(turn)
    return nanosPerCharacter
  })

  const costs = LENGTHS.map((): Array<number> => [])
  for (const length of LENGTHS) yield* once(length, "warm")
  for (let i = 0; i < ROUNDS; i++) {
    for (const [index, length] of LENGTHS.entries()) costs[index]!.push(yield* once(length, `${i}`))
  }
  return LENGTHS.map((length, i) => ({ length, nanosPerCharacter: round(median(costs[i]!), 1) }))
})
