/** The value below which `fraction` of the samples lie, by nearest rank; NaN when there are none. */
export const quantile = (samples: ReadonlyArray<number>, fraction: number): number => {
  if (samples.length === 0) return Number.NaN
  const sorted = Float64Array.from(samples).sort()
  return sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)]!
}

/** The middle value; of an even number of samples, the mean of the two in the middle. */
export const median = (samples: ReadonlyArray<number>): number => {
  if (samples.length === 0) return Number.NaN
  const sorted = Float64Array.from(samples).sort()
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Rounded to so many digits after the point. */
export const round = (value: number, digits = 0): number => Number(value.toFixed(digits))
