/** Chance that can be had again: the same seed, the same rolls. */
export interface Seeded {
  /** In [0, 1). */
  readonly roll: () => number
  /** A whole number from 0 up to `below`, without it. */
  readonly upTo: (below: number) => number
  readonly oneOf: <A>(choices: ReadonlyArray<A>) => A
  /** True in so many of a hundred. */
  readonly percent: (likely: number) => boolean
}

/** mulberry32. */
export const seeded = (seed: number): Seeded => {
  let state = seed >>> 0
  const roll = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const upTo = (below: number) => Math.floor(roll() * below)
  return {
    roll,
    upTo,
    oneOf: (choices) => choices[upTo(choices.length)]!,
    percent: (likely) => roll() * 100 < likely
  }
}
