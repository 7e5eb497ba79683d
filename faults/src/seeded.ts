/** Chance that can be had again: the same seed and name, the same rolls, whatever is rolled elsewhere and in which order. */
import { hash } from "node:crypto"

export interface Seeded {
  /** In [0, 1). */
  readonly roll: () => number
  /** A whole number from `least` to `most`, both included. */
  readonly between: (least: number, most: number) => number
  readonly oneOf: <A>(choices: ReadonlyArray<A>) => A
  /** True in so many of a hundred. */
  readonly percent: (likely: number) => boolean
}

/** mulberry32, begun with what `name` makes of the run's seed. */
export const seeded = (seed: number, name: string): Seeded => {
  let state = Number.parseInt(hash("sha256", `${seed} ${name}`, "hex").slice(0, 8), 16)
  const roll = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (least: number, most: number) => least + Math.floor(roll() * (most - least + 1))
  return {
    roll,
    between,
    oneOf: (choices) => choices[between(0, choices.length - 1)]!,
    percent: (likely) => roll() * 100 < likely
  }
}
