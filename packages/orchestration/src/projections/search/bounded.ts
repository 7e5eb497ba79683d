/**
 * What searches may cost, so that nobody else waits for them. Most are done in milliseconds; but a row of common words that stands
 * nowhere has to be looked for in every text that has the words, and a word of every message has them all put in order.
 */
import { Effect, Semaphore } from "effect"
import { Unavailable } from "../../EventLog.ts"
import { SearchTooSlow } from "../../ReadModels.ts"

/** Searches at once: each has one of the connections that all reads share, and that keep the read models up. */
const AT_ONCE = 2

/** How long one may take. */
const PATIENCE = "3 seconds"

/** How long one may wait for those before it, and take. */
const PATIENCE_IN_LINE = "10 seconds"

const tooSlow = new SearchTooSlow({
  message:
    "The search took longer than 3 seconds and was given up: look for more or rarer words, for fewer that stand together, or in one thread."
})

const tooMany = new Unavailable({
  message: "Too many searches are under way: send the same one again in a moment."
})

/** What the searches of a process go through. One that is given up is cancelled in the database, too. */
export const makeBounded = Effect.map(Semaphore.make(AT_ONCE), (places) => {
  return <A, E, R>(search: Effect.Effect<A, E, R>): Effect.Effect<A, E | SearchTooSlow | Unavailable, R> =>
    search.pipe(
      Effect.timeoutOrElse({ duration: PATIENCE, orElse: () => Effect.fail(tooSlow) }),
      places.withPermits(1),
      Effect.timeoutOrElse({ duration: PATIENCE_IN_LINE, orElse: () => Effect.fail(tooMany) })
    )
})
