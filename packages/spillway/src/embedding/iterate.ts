/**
 * Turns pulling into an AsyncIterable: nothing runs between two pulls, nothing is attached before the first, and however the iteration
 * is left (`break`, a throw, an aborted signal, the end) what it was attached to is let go of.
 */
import { Effect, Exit, Scope } from "effect"
import type { EmbeddedProcess, Services } from "./EmbeddedProcess.ts"

/** What is iterated over. */
export interface Pulled<A, E> {
  /** The next items, waiting for them; `undefined` when there can be no more. */
  readonly next: Effect.Effect<ReadonlyArray<A> | undefined, E, Services>
}

export async function* iterate<A, E1, E2>(
  process: EmbeddedProcess,
  open: Effect.Effect<Pulled<A, E1>, E2, Services | Scope.Scope>,
  signal: AbortSignal | undefined
): AsyncGenerator<A, void, undefined> {
  signal?.throwIfAborted()
  const { closing } = process
  const cancelled = signal === undefined ? closing : AbortSignal.any([signal, closing])
  const scope = Scope.makeUnsafe()
  try {
    const { next } = await process.run(Scope.provide(open, scope), cancelled)
    while (true) {
      const items = await process.run(next, cancelled)
      if (items === undefined) return
      yield* items
    }
  } catch (error) {
    // Closing ends it; its own signal is something the consumer wants to hear of.
    if (closing.aborted && signal?.aborted !== true) return
    throw error
  } finally {
    await Effect.runPromise(Scope.close(scope, Exit.void))
  }
}
