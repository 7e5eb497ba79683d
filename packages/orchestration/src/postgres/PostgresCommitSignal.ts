/**
 * Wakes whoever follows the log when another process has committed: LISTEN on a connection of its own and, since a
 * NOTIFY can be lost, a slow poll. A connection that drops, or that nothing comes back on, is made again, and wakes, for what was missed
 * meanwhile.
 */
import { PgConnection } from "@effect/sql-pg"
import { type Duration, Effect, Layer, PubSub, Schedule, Scope, Stream } from "effect"
import { CommitSignal } from "../CommitSignal.ts"
import { counterOf } from "../metrics/instruments.ts"
import { metrics } from "../metrics/metrics.ts"
import { followAgain } from "../Publisher.ts"
import { answerWithin } from "./answerWithin.ts"
import { commitChannel, type ConnectionOptions, connectionConfig } from "./connection.ts"
import { OutageWatch } from "./OutageWatch.ts"
import { causeText } from "./sqlFailure.ts"

const POLL_INTERVAL: Duration.Input = "5 seconds"
/** Between two looks at whether the connection on which nothing is said still stands. */
const PING_INTERVAL: Duration.Input = "5 seconds"
/** How long the answer may take. Milliseconds. */
const PING_TIMEOUT = 5_000

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
      const outage = yield* OutageWatch
      const reconnections = yield* counterOf(metrics.listenReconnections)

      const listen = Effect.gen(function* () {
        const scope = yield* Effect.scope
        // Closed one after the other: to stop listening first would be a statement more, on a connection that may not answer.
        const listening = yield* Scope.fork(scope)
        const connection = yield* Scope.fork(scope)
        const made = yield* Scope.provide(PgConnection.make(connectionConfig(options, "listen")), connection)
        const session = yield* Scope.provide(made.pin, connection)
        const notifications = yield* Scope.provide(session.listen(commitChannel(options)), listening)
        yield* wake
        const hear = Stream.fromQueue(notifications).pipe(
          Stream.filter(({ payload }) => payload !== options.writer),
          Stream.runForEach(() => wake)
        )
        const ping = session
          .query("select 1")
          .pipe(answerWithin(PING_TIMEOUT), Effect.delay(PING_INTERVAL), Effect.forever)
        yield* Effect.raceFirst(hear, ping)
      }).pipe(Effect.scoped)

      yield* listen.pipe(
        Effect.tapError((error) => {
          reconnections.add()
          outage.failed(error)
          return Effect.logDebug("Not listening for commits of other processes", causeText(error))
        }),
        Effect.retry(followAgain),
        Effect.forkScoped
      )
      yield* wake.pipe(Effect.repeat(Schedule.spaced(POLL_INTERVAL)), Effect.forkScoped)
      return CommitSignal.of({ wakes: Stream.fromPubSub(wakes) })
    })
  )
