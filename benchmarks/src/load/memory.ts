/** Whether memory stays where it is. Pure. */
import { median } from "../runner/statistics.ts"

export interface MemorySample {
  /** Seconds since the load began. */
  readonly at: number
  /** Bytes, after garbage collection. */
  readonly rss: number
  readonly heapUsed: number
}

/** How much larger the process may be in the last fifth of the time than in the second. */
export const MOST_GROWTH = 1.1

/** Bytes in the second and in the last fifth of the time (of five minutes: the second and the fifth), by the median. */
export const growthOf = (samples: ReadonlyArray<MemorySample>, seconds: number) => {
  const within = (from: number, to: number) =>
    median(samples.filter(({ at }) => at >= from * seconds && at <= to * seconds).map(({ rss }) => rss))
  const second = within(0.2, 0.4)
  const last = within(0.8, 1)
  return { second, last, ratio: last / second }
}
