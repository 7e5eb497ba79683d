/** Workers that each do their operation again and again, the next one once the one before is done: throughput and waiting times. */
import { Effect } from "effect"
import { milliseconds as now } from "./milliseconds.ts"

export interface Window {
  readonly operations: number
  readonly seconds: number
  /** Of each operation, in milliseconds. */
  readonly latencies: ReadonlyArray<number>
}

/** `operations` holds one operation per worker. Ends with the operations that were begun in `milliseconds`. */
export const closedLoop = Effect.fnUntraced(function* <E>(
  operations: ReadonlyArray<Effect.Effect<unknown, E>>,
  milliseconds: number
): Effect.fn.Return<Window, E> {
  const latencies: Array<number> = []
  const began = yield* now
  const worker = Effect.fnUntraced(function* (operation: Effect.Effect<unknown, E>) {
    for (let at = yield* now; at - began < milliseconds;) {
      yield* operation
      const done = yield* now
      latencies.push(done - at)
      at = done
    }
  })
  yield* Effect.forEach(operations, worker, { concurrency: "unbounded", discard: true })
  return { operations: latencies.length, seconds: ((yield* now) - began) / 1_000, latencies }
})
