/**
 * How much of something a client may do: `burst` at once, and `perSecond` in the long run (a token bucket). What it did is done and
 * counted also where it was too much; how long to leave it waiting for that, `wait` tells.
 */
export class Allowance {
  readonly #perSecond: number
  readonly #burst: number
  readonly #now: () => number
  #left: number
  #at: number

  /** `now` in milliseconds. */
  constructor(perSecond: number, burst: number, now: () => number) {
    this.#perSecond = perSecond
    this.#burst = this.#left = burst
    this.#now = now
    this.#at = now()
  }

  spend(count: number): void {
    this.#gain()
    this.#left -= count
  }

  /** Milliseconds until nothing is overdrawn; 0 when nothing is. */
  get wait(): number {
    if (this.#left >= 0) return 0
    this.#gain()
    return Math.max(0, Math.ceil((-this.#left * 1_000) / this.#perSecond))
  }

  #gain(): void {
    const now = this.#now()
    this.#left = Math.min(this.#burst, this.#left + ((now - this.#at) * this.#perSecond) / 1_000)
    this.#at = now
  }
}
