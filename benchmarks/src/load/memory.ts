/** Whether memory stays where it is. Pure. */
import { median } from "../runner/statistics.ts"

export interface MemorySample {
  /** Seconds since the load began. */
  readonly at: number
  /** Bytes, after garbage collection. */
  readonly rss: number
  readonly heapUsed: number
}

/** How much larger the process may be in the last fifth of the time than in the second: of five minutes, in the fifth than in the second. */
const MOST_GROWTH = 1.1

/** Seconds from which on that is all. A shorter load ends while the process still compiles its code and fills its bounded caches … */
const WHOLE_LOAD = 300

/** … which may take so many bytes more. */
const WARMING_UP = 64 * 1024 * 1024

/** Bytes by the median of each fifth. */
export const growthOf = (samples: ReadonlyArray<MemorySample>, seconds: number) => {
  const within = (from: number, to: number) =>
    median(samples.filter(({ at }) => at >= from * seconds && at <= to * seconds).map(({ rss }) => rss))
  const second = within(0.2, 0.4)
  const last = within(0.8, 1)
  const allowance = seconds >= WHOLE_LOAD ? 0 : WARMING_UP
  return { second, last, ratio: last / second, allowance, isFlat: last <= second * MOST_GROWTH + allowance }
}
