/**
 * Wakes whoever follows the log when another process has committed: LISTEN on a connection of its own and, since a
 * NOTIFY can be lost, a slow poll. A connection that drops is made again, and wakes, for what was missed meanwhile.
 */
import { PgConnection } from "@effect/sql-pg"
import { type Duration, Effect, Layer, PubSub, Schedule, Stream } from "effect"
import { CommitSignal } from "../CommitSignal.ts"
import { counterOf } from "../metrics/instruments.ts"
import { metrics } from "../metrics/metrics.ts"
import { commitChannel, type ConnectionOptions, connectionConfig } from "./connection.ts"
import { causeText } from "./sqlFailure.ts"

const POLL_INTERVAL: Duration.Input = "5 seconds"
const RECONNECT_INTERVAL: Duration.Input = "500 millis"

export interface CommitSignalOptions extends ConnectionOptions {
  /** What this process's own commits say; they wake nobody here, since they are handed on in memory. */
  readonly writer: string
}

export const layer = (options: CommitSignalOptions) =>
  Layer.effect(
    CommitSignal,
    Effect.gen(function* () {
      // Wakes that nobody has taken yet are one wake; whoever comes late gets one to start with.
      const wakes = yield* PubSub.sliding<void>({ capacity: 1, replay: 1 })
      const wake = PubSub.publish(wakes, undefined)
      const reconnections = yield* counterOf(metrics.listenReconnections)

      const listen = Effect.gen(function* () {
        const connection = yield* PgConnection.make(connectionConfig(options, "listen"))
        const notifications = yield* connection.listen(commitChannel(options))
        yield* wake
        yield* Stream.fromQueue(notifications).pipe(
          Stream.filter(({ payload }) => payload !== options.writer),
          Stream.runForEach(() => wake)
        )
      }).pipe(Effect.scoped)

      yield* listen.pipe(
        Effect.tapError((error) => {
          reconnections.add()
          return Effect.logDebug("Not listening for commits of other processes", causeText(error))
        }),
        Effect.retry(Schedule.spaced(RECONNECT_INTERVAL)),
        Effect.forkScoped
      )
      yield* wake.pipe(Effect.repeat(Schedule.spaced(POLL_INTERVAL)), Effect.forkScoped)
      return CommitSignal.of({ wakes: Stream.fromPubSub(wakes) })
    })
  )
