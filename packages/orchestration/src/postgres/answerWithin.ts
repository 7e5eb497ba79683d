import { Effect, Fiber } from "effect"
import { ConnectionError, SqlError } from "effect/sql/SqlError"

/**
 * Fails as a connection does that is gone when the database does not answer within so many milliseconds. What was asked is called off
 * behind that: on a connection that is dead it takes five seconds, after which the connection is not used again.
 */
export const answerWithin =
  (milliseconds: number) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | SqlError, R> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(Effect.forkDetach(restore(effect), { startImmediately: true }), (running) =>
        Fiber.join(running).pipe(
          restore,
          Effect.onInterrupt(() => Effect.forkDetach(Fiber.interrupt(running))),
          Effect.timeoutOrElse({
            duration: milliseconds,
            orElse: () => Effect.fail(noAnswer(milliseconds))
          })
        )
      )
    )

export const noAnswer = (milliseconds: number) =>
  new SqlError({
    reason: new ConnectionError({
      cause: new Error(`The database does not answer within ${milliseconds} ms`),
      message: "The database does not answer",
      operation: "query"
    })
  })
