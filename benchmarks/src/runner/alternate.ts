/**
 * Measures contestants against each other on a machine that is never quite still: in turns, window by window, so that whatever
 * disturbs one disturbs the others too, and by medians, so that what disturbed a single window does not count.
 */
import { Effect } from "effect"
import { closedLoop, type Window } from "./closedLoop.ts"
import { median, quantile } from "./statistics.ts"

export interface Contestant<E> {
  readonly name: string
  /** One operation per worker. */
  readonly operations: ReadonlyArray<Effect.Effect<unknown, E>>
}

export interface Plan {
  /** Milliseconds before the first window that are not counted. */
  readonly warmUp: number
  /** Milliseconds of one window. */
  readonly window: number
  /** Windows of each contestant. */
  readonly rounds: number
}

export interface Measured {
  readonly name: string
  /** Operations a second, a figure for each window. */
  readonly perSecond: ReadonlyArray<number>
  /** The median of them. */
  readonly medianPerSecond: number
  /** Milliseconds, over the operations of all windows. */
  readonly p50: number
  readonly p99: number
}

/** The contestants' order turns round from one round to the next: none is always the one after the other. */
export const alternate = Effect.fnUntraced(function* <E>(
  contestants: ReadonlyArray<Contestant<E>>,
  plan: Plan
) {
  const windows = contestants.map((): Array<Window> => [])
  for (const { operations } of contestants) yield* closedLoop(operations, plan.warmUp)
  for (let i = 0; i < plan.rounds; i++) {
    const order = [...contestants.keys()]
    for (const index of i % 2 === 0 ? order : order.toReversed()) {
      windows[index]!.push(yield* closedLoop(contestants[index]!.operations, plan.window))
    }
  }
  return contestants.map(({ name }, index) => measuredOf(name, windows[index]!))
})

/** How many times `one` is faster than `other`: the median over the rounds, each compared within itself. */
export const ratioOf = (one: Measured, other: Measured): number =>
  median(one.perSecond.map((value, i) => value / other.perSecond[i]!))

const measuredOf = (name: string, windows: ReadonlyArray<Window>): Measured => {
  const perSecond = windows.map(({ operations, seconds }) => operations / seconds)
  const latencies = windows.flatMap((window) => window.latencies)
  return {
    name,
    perSecond,
    medianPerSecond: median(perSecond),
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99)
  }
}
