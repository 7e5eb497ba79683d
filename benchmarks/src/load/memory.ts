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

/** Seconds from which on the process itself is measured. */
const WHOLE_LOAD = 300

/**
 * In a shorter load what is measured is the heap after garbage collection: the process still keeps what a pause of the database or its
 * own compiler once needed. So many bytes more are for code and bounded caches that fill up.
 */
const WARMING_UP = 16 * 1024 * 1024

/** Bytes by the median of each fifth. */
export const growthOf = (samples: ReadonlyArray<MemorySample>, seconds: number) => {
  const isWhole = seconds >= WHOLE_LOAD
  const within = (from: number, to: number) =>
    median(
      samples
        .filter(({ at }) => at >= from * seconds && at <= to * seconds)
        .map(({ heapUsed, rss }) => (isWhole ? rss : heapUsed))
    )
  const second = within(0.2, 0.4)
  const last = within(0.8, 1)
  return {
    measured: isWhole ? ("rss" as const) : ("heap" as const),
    second,
    last,
    ratio: last / second,
    isFlat: last <= second * MOST_GROWTH + (isWhole ? 0 : WARMING_UP)
  }
}
