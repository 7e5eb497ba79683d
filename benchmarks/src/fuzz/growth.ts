/**
 * Whether memory is flat: after garbage collection, the last quarter of the run against the second, by their medians. The first quarter
 * is for what fills up once: compiled code, caches with a bound. Pure.
 */
import { median } from "../runner/statistics.ts"
import type { Measurement } from "../server/ServerUnderTest.ts"

/** By how much the last quarter may be larger, and so many bytes more: for code that is compiled late, and pages not given back. */
const LIMITS = {
  /** Heap and buffers. */
  held: { ratio: 1.1, more: 8 * 1024 * 1024 },
  rss: { ratio: 1.15, more: 32 * 1024 * 1024 }
}

/** Shorter runs are still filling their caches: there the heap may gain this much, and the process is not judged. */
const SHORT_RUN = { inputs: 20_000, more: 24 * 1024 * 1024 }

export interface Growth {
  /** Bytes. */
  readonly heldSecondQuarter: number
  readonly heldLastQuarter: number
  readonly rssSecondQuarter: number
  readonly rssLastQuarter: number
  readonly isFlat: boolean
}

/** `samples`: evenly spaced over the run. */
export const growthOf = (samples: ReadonlyArray<Measurement>, inputs: number): Growth => {
  const quarter = (index: number, valueOf: (sample: Measurement) => number) => {
    const from = Math.floor((samples.length * index) / 4)
    const to = Math.max(from + 1, Math.floor((samples.length * (index + 1)) / 4))
    return median(samples.slice(from, to).map(valueOf))
  }
  const held = ({ external, heapUsed }: Measurement) => heapUsed + external
  const rss = (sample: Measurement) => sample.rss
  const heldSecondQuarter = quarter(1, held)
  const heldLastQuarter = quarter(3, held)
  const rssSecondQuarter = quarter(1, rss)
  const rssLastQuarter = quarter(3, rss)
  const isFlat =
    inputs < SHORT_RUN.inputs
      ? heldLastQuarter <= heldSecondQuarter + SHORT_RUN.more
      : heldLastQuarter <= heldSecondQuarter * LIMITS.held.ratio + LIMITS.held.more &&
        rssLastQuarter <= rssSecondQuarter * LIMITS.rss.ratio + LIMITS.rss.more
  return { heldSecondQuarter, heldLastQuarter, rssSecondQuarter, rssLastQuarter, isFlat }
}
