/**
 * The commands that wait for their answer, and the limit of that. At its limit a command that nothing was sent of ends `Unavailable`, and
 * is never committed after that. One that is in an append whose outcome is not known ends `OutcomeUnknown`: sent again, it gets the
 * receipt of what happened.
 *
 * Runtime commands in such an append have no limit. They are only idempotent as long as they are in the very same append, which is sent
 * until there is an answer.
 */
import { Clock, Effect, Latch } from "effect"
import { CommandWait } from "../CommandWait.ts"
import { OutcomeUnknown, Unavailable } from "../EventLog.ts"
import { type Entry, isAnswered } from "./Entry.ts"

export const makeUnanswered = Effect.fnUntraced(function* (
  fail: (entry: Entry, error: Unavailable | OutcomeUnknown) => void
) {
  const limit = yield* CommandWait
  const clock = yield* Clock.Clock
  const now = () => Number(clock.monotonicTimeNanosUnsafe() / 1_000_000n)
  /** In the order in which they came, which is that of their limits. */
  const limits = new Map<Entry, number>()
  const someoneWaits = yield* Latch.make()
  const unavailable = new Unavailable({
    message: `The database did not take the command within ${limit} ms. Send it again.`
  })
  const unknown = new OutcomeUnknown({
    message: `The database did not say within ${limit} ms whether it has the command. Send it again.`
  })

  const expire = (entry: Entry): void => {
    if (isAnswered(entry)) return
    if (!entry.isSent) fail(entry, unavailable)
    else if (entry.kind === "client") fail(entry, unknown)
  }

  const add = (entry: Entry): void => {
    limits.set(entry, now() + limit)
    if (limits.size === 1) someoneWaits.openUnsafe()
  }

  /** Ends what has waited long enough, and sleeps until the next one has. */
  const watch = Effect.gen(function* () {
    yield* someoneWaits.await
    const due = now()
    for (const [entry, at] of limits) {
      if (at > due) return yield* Effect.sleep(at - due)
      limits.delete(entry)
      expire(entry)
    }
    someoneWaits.closeUnsafe()
  })
  yield* Effect.forkScoped(Effect.forever(watch), { startImmediately: true })

  return {
    add,
    /** It has its answer. */
    remove: (entry: Entry): void => void limits.delete(entry)
  }
})
