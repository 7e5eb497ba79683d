/**
 * Pages of the log for those who follow. Few are read at once, so that clients that are behind do not take the database from those that
 * are not; and whoever asks for a page that somebody waits for already gets that one: when many come back at the same time they read the
 * log once, and share the events and their texts.
 *
 * A page is read after it was asked for, never before: what is committed by then is in it.
 */
import { Deferred, Effect, FiberSet, Semaphore } from "effect"

/** Pages that are read at once. */
const AT_ONCE = 4

export interface SharedReads<A, E> {
  /** `key` names what is read. */
  readonly read: (key: string, read: Effect.Effect<A, E>) => Effect.Effect<A, E>
}

/** Reads that are under way end with the scope. */
export const makeSharedReads = Effect.fnUntraced(function* <A, E>() {
  const turns = yield* Semaphore.make(AT_ONCE)
  const fork = yield* FiberSet.makeRuntime<never>()
  /** Those that have not begun: they may be joined. */
  const waiting = new Map<string, Deferred.Deferred<A, E>>()

  const read: SharedReads<A, E>["read"] = (key, read) =>
    Effect.suspend(() => {
      const joined = waiting.get(key)
      if (joined !== undefined) return Deferred.await(joined)
      const page = Deferred.makeUnsafe<A, E>()
      waiting.set(key, page)
      const begun = Effect.suspend(() => {
        waiting.delete(key)
        return read
      })
      fork(Effect.asVoid(Deferred.into(turns.withPermit(begun), page)))
      return Deferred.await(page)
    })
  return { read }
})
