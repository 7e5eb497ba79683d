import { Effect } from "effect"
import { ConnectionError, SqlError } from "effect/sql/SqlError"

/**
 * Fails as a connection does that is gone when the database does not answer within so many milliseconds. What was asked is called off
 * first, which takes five seconds more where the connection itself is dead. It is not used again then.
 */
export const answerWithin =
  (milliseconds: number) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | SqlError, R> =>
    Effect.timeoutOrElse(effect, {
      duration: milliseconds,
      orElse: () => Effect.fail(noAnswer(milliseconds))
    })

export const noAnswer = (milliseconds: number) =>
  new SqlError({
    reason: new ConnectionError({
      cause: new Error(`The database does not answer within ${milliseconds} ms`),
      message: "The database does not answer",
      operation: "query"
    })
  })
