/**
 * A generator that is pulled one output at a time and can be stopped wherever it stands. Stopped, it is returned, so that its `finally`
 * runs; but not while it is in there: there it is pulled on for as long as it yields accounts of what was (usage, outcomes of tools).
 * Text ends it: it has not noticed yet that it was stopped.
 */
import type { GeneratorRun } from "./GeneratorRuntime.ts"
import type { RuntimeOutput } from "./outputs.ts"

export type Pulled = IteratorResult<RuntimeOutput, { readonly reason?: string } | void>

export class PulledGenerator {
  readonly #generator: ReturnType<GeneratorRun>
  /** What it was asked for and nobody took yet. */
  #asked: Promise<Pulled> | undefined

  /** JavaScript lets any function stand where a generator should. */
  constructor(generator: ReturnType<GeneratorRun>) {
    if (typeof generator?.next !== "function" || typeof generator.return !== "function") {
      throw new TypeError("`run` must be an async generator: async *run({ prompt }) { yield text(…) }.")
    }
    this.#generator = generator
  }

  next(): Promise<Pulled> {
    return this.#ask(() => this.#generator.next())
  }

  /** The first thing that comes of stopping it: what it is at now, or what its `finally` yields. */
  stop(): Promise<Pulled> {
    return this.#asked ?? this.#ask(() => this.#generator.return())
  }

  /** What comes behind an output of a generator that is being stopped. */
  nextOfStopped(output: RuntimeOutput): Promise<Pulled> {
    return this.#ask(() => (isAccount(output) ? this.#generator.next() : this.#generator.return()))
  }

  /** What it was asked for is here. What nobody took stopping begins with. */
  taken(): void {
    this.#asked = undefined
  }

  /** Stops it, and takes nothing more of what it yields. */
  async abandon(): Promise<void> {
    try {
      let pulled = await this.stop()
      while (pulled.done !== true) pulled = await this.nextOfStopped(pulled.value)
    } catch {
      // Nobody is left who could be told.
    }
  }

  #ask(ask: () => Promise<Pulled>): Promise<Pulled> {
    return (this.#asked = ask())
  }
}

const isAccount = ({ type }: RuntimeOutput): boolean =>
  type === "finish-step" ||
  type === "notice" ||
  type === "tool-output" ||
  type === "tool-result" ||
  type === "tool-error" ||
  type === "tool-denied"
