/** A value that changes, with those who want to know. */
import type { Disconnected } from "./errors.ts"

export interface Followed<State> {
  /** As it is now. The same object until something changes; in it, whatever did not change is the same object as before. */
  readonly state: State
  /** Calls after each change, at most once for each frame that arrives. Following begins with the first listener. The result ends it. */
  readonly subscribe: (listener: () => void) => () => void
  /** The state now, and again after each change. Whoever is slow gets the last one and misses those between. */
  readonly states: () => AsyncGenerator<State, never, void>
  /** The first state that fits, now or later. Rejects with `Disconnected` when the client is refused or closed before. */
  readonly until: (fits: (state: State) => boolean) => Promise<State>
}

/** Tells when nothing will come any more: the client was refused, or closed. */
export interface Ending {
  readonly error: Disconnected | null
  readonly listen: (listener: () => void) => () => void
}

export class Source<State> implements Followed<State> {
  readonly #listeners = new Set<() => void>()
  readonly #ending: Ending
  #state: State
  #isFollowed = false

  constructor(initial: State, ending: Ending) {
    this.#state = initial
    this.#ending = ending
  }

  get state(): State {
    return this.#state
  }

  get isFollowed(): boolean {
    return this.#isFollowed
  }

  /** What the first listener begins, and what ends when the last one has left. */
  protected onFollowed(): void {}
  protected onLeft(): void {}

  protected setState(state: State): void {
    if (state === this.#state) return
    this.#state = state
    notify(this.#listeners)
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    // The same function may be given twice.
    const own = () => listener()
    this.#listeners.add(own)
    if (!this.#isFollowed) {
      this.#isFollowed = true
      this.onFollowed()
    }
    return () => {
      this.#listeners.delete(own)
      // Whoever leaves and comes back at once, as a component does that is mounted again, finds all as it was.
      queueMicrotask(() => {
        if (this.#listeners.size > 0 || !this.#isFollowed) return
        this.#isFollowed = false
        this.onLeft()
      })
    }
  }

  async *states(): AsyncGenerator<State, never, void> {
    let wake = (): void => {}
    const leave = this.#watch(() => wake())
    try {
      let last: State | undefined
      while (true) {
        const { error } = this.#ending
        if (this.#state !== last) yield (last = this.#state)
        else if (error !== null) throw error
        else await new Promise<void>((resolve) => (wake = resolve))
      }
    } finally {
      leave()
    }
  }

  until(fits: (state: State) => boolean): Promise<State> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const { error } = this.#ending
        if (fits(this.#state)) resolve(this.#state)
        else if (error === null) return
        else reject(error)
        leave()
      }
      const leave = this.#watch(look)
      look()
    })
  }

  #watch(look: () => void): () => void {
    const stops = [this.subscribe(look), this.#ending.listen(look)]
    return () => {
      for (const stop of stops) stop()
    }
  }
}

/** A listener that throws keeps nothing from the others, nor from what arrives. */
export const notify = (listeners: Iterable<() => void>): void => {
  for (const listener of Array.from(listeners)) {
    try {
      listener()
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }
}
