/** 32 writers at once, one event per command, beside Emmett on the same Postgres. */
import { Effect } from "effect"
import { alternate, type Measured, ratioOf } from "../runner/alternate.ts"
import type { BenchmarkCase } from "../runner/BenchmarkCase.ts"
import { closedLoop } from "../runner/closedLoop.ts"
import { startDisposablePostgres } from "../runner/DisposablePostgres.ts"
import { round } from "../runner/statistics.ts"
import { emmettWriters } from "./append-32/emmettWriters.ts"
import { spillwayWriters } from "./append-32/spillwayWriters.ts"

const WRITERS = 32

/** A wrong shape of the append shows here long before it is felt: a bare prototype reached 6. */
const LEAST_RATIO = 4

/** Emmett gets the size of pool with which it is fastest here. */
const POOL_SIZES = [8, 16, 32]

const PLAN = { warmUp: 2_000, window: 2_000, rounds: 5 }

/** Milliseconds for each size of pool, once to warm up and once to compare. */
const POOL_TRIAL = 1_000

const run = Effect.gen(function* () {
  const { makeDatabase } = yield* startDisposablePostgres
  const spillway = yield* makeDatabase("spillway")
  const emmett = yield* makeDatabase("emmett")

  const pools = yield* Effect.forEach(POOL_SIZES, (connections) =>
    Effect.scoped(
      Effect.gen(function* () {
        const operations = yield* emmettWriters(emmett.url, WRITERS, connections)
        yield* closedLoop(operations, POOL_TRIAL)
        const { seconds, operations: done } = yield* closedLoop(operations, POOL_TRIAL)
        return { connections, perSecond: round(done / seconds) }
      })
    )
  )
  const best = pools.reduce((a, b) => (b.perSecond > a.perSecond ? b : a))
  const other = yield* makeDatabase("emmett_best")

  const [ours, theirs] = yield* alternate(
    [
      { name: "Spillway", operations: yield* spillwayWriters(spillway.connection, WRITERS) },
      {
        name: `Emmett (${best.connections} connections)`,
        operations: yield* emmettWriters(other.url, WRITERS, best.connections)
      }
    ],
    PLAN
  )
  const ratio = ratioOf(ours!, theirs!)

  return {
    figures: {
      writers: WRITERS,
      plan: PLAN,
      emmettPools: pools,
      spillway: figuresOf(ours!),
      emmett: figuresOf(theirs!),
      ratio: round(ratio, 2)
    },
    tables: [
      {
        title: `${PLAN.rounds} windows of ${PLAN.window / 1_000} s each, in turns`,
        rows: [rowOf(ours!), rowOf(theirs!)]
      }
    ],
    checks: [
      {
        name: "times as many appends a second as Emmett",
        value: ratio,
        limit: LEAST_RATIO,
        is: "at least" as const
      }
    ]
  }
})

const figuresOf = ({ name, p50, p99, medianPerSecond, perSecond }: Measured) => ({
  name,
  opsPerSecond: round(medianPerSecond),
  windows: perSecond.map((value) => round(value)),
  p50Ms: round(p50, 3),
  p99Ms: round(p99, 3)
})

const rowOf = ({ name, p50, p99, medianPerSecond }: Measured) => ({
  "": name,
  "ops/s": medianPerSecond,
  "p50 ms": p50,
  "p99 ms": p99
})

export const append32: BenchmarkCase = {
  name: "append-32",
  about:
    "32 writers, each on a thread of its own, one event per command, the next once the one before is committed; through the engine with receipts, both hash chains and notify. Emmett's appendToStream does the same with the same payload on the same durable Postgres.",
  run
}
