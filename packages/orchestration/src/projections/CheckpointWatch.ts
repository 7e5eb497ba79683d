/**
 * Knows how far a projection is, whichever process moves it: its own commits are told at once, those of other processes
 * are looked up while somebody waits.
 */
import { Deferred, Effect, Latch } from "effect"
import { ProjectionFailed, type ProjectionStatus } from "../ReadModels.ts"
import { type Checkpoint, statusOf } from "./Checkpoint.ts"

/** How long a commit of another process may go unnoticed by those who wait for it. */
const LOOK_EVERY = "100 millis"

interface Waiter {
  readonly position: number
  readonly answer: Deferred.Deferred<void, ProjectionFailed>
}

export interface CheckpointWatch {
  /** What is known of the projection now. */
  readonly tell: (status: ProjectionStatus) => void
  readonly waitFor: (position: number) => Effect.Effect<void, ProjectionFailed>
}

export const makeCheckpointWatch = Effect.fnUntraced(function* (checkpoint: Checkpoint) {
  const waiters = new Set<Waiter>()
  const someoneWaits = yield* Latch.make()
  let known: ProjectionStatus | undefined

  const answerOf = (position: number) => {
    if (known === undefined) return undefined
    if (position <= known.checkpoint) return Effect.void
    if (known.failed === null) return undefined
    return Effect.fail(
      new ProjectionFailed({
        projection: known.projection,
        checkpoint: known.checkpoint,
        message: known.failed
      })
    )
  }

  const tell = (status: ProjectionStatus): void => {
    // A look that began before the last commit says nothing new.
    if (known !== undefined && status.checkpoint < known.checkpoint) return
    known = status
    for (const waiter of waiters) {
      const answer = answerOf(waiter.position)
      if (answer !== undefined) Deferred.doneUnsafe(waiter.answer, answer)
    }
  }

  const waitFor = (position: number): Effect.Effect<void, ProjectionFailed> =>
    Effect.suspend(() => {
      const answer = answerOf(position)
      if (answer !== undefined) return answer
      const waiter = { position, answer: Deferred.makeUnsafe<void, ProjectionFailed>() }
      waiters.add(waiter)
      someoneWaits.openUnsafe()
      return Effect.ensuring(
        Deferred.await(waiter.answer),
        Effect.sync(() => {
          waiters.delete(waiter)
          if (waiters.size === 0) someoneWaits.closeUnsafe()
        })
      )
    })

  yield* Effect.sleep(LOOK_EVERY).pipe(
    Effect.andThen(someoneWaits.await),
    Effect.andThen(checkpoint.read),
    Effect.map((stand) => tell(statusOf(stand))),
    Effect.catchTag("SqlError", (error) =>
      Effect.logDebug("A projection's checkpoint can't be read now", error)
    ),
    Effect.forever,
    Effect.forkScoped
  )

  return { tell, waitFor } satisfies CheckpointWatch
})
