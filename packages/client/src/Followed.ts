/** A value that changes, with those who want to know. */
import type { Disconnected } from "./errors.ts"

export interface Followed<State> {
  /** As it is now. The same object until something changes; in it, whatever did not change is the same object as before. */
  readonly state: State
  /** As it was before anything was known: what a page shows that was rendered on a server. */
  readonly initial: State
  /** Calls after each change, at most once for each frame that arrives. Following begins with the first listener. The result ends it. */
  readonly subscribe: (listener: () => void) => () => void
  /**
   * The state now, and again after each change. Whoever is slow gets the last one and misses those between. Ends when the client is closed;
   * throws `Disconnected` when it is refused.
   */
  readonly states: () => AsyncIterableIterator<State, void>
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
  readonly initial: State
  #state: State
  #isFollowed = false

  constructor(initial: State, ending: Ending) {
    this.initial = initial
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

  states(): AsyncIterableIterator<State, void> {
    let wake = (): void => {}
    // Nexts that are asked for at once are answered one after the other.
    let line: Promise<unknown> = Promise.resolve()
    let isLeft = false
    let last: State | undefined
    const stop = this.#watch(() => wake())
    const leave = () => {
      isLeft = true
      stop()
      wake()
    }
    const take = async (): Promise<IteratorResult<State, void>> => {
      while (!isLeft) {
        const { error } = this.#ending
        if (this.#state !== last) return { done: false, value: (last = this.#state) }
        if (error !== null) {
          leave()
          if (error.code !== "client-closed") throw error
          break
        }
        await new Promise<void>((resolve) => (wake = resolve))
      }
      return { done: true, value: undefined }
    }
    return {
      next: () => {
        const answer = line.then(take)
        line = answer.catch(() => {})
        return answer
      },
      return: () => {
        leave()
        return Promise.resolve({ done: true, value: undefined })
      },
      [Symbol.asyncIterator]() {
        return this
      }
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
