/**
 * The connection that the lease is looked at, taken and held by: one, made when it is needed and made again after it failed. It also
 * listens, for a lease that is given back, and hears at once when it drops.
 */
import { PgConnection } from "@effect/sql-pg"
import { Effect, Exit, Queue, Scope } from "effect"
import { ConnectionError, SqlError } from "effect/sql/SqlError"
import { type ConnectionOptions, connectionConfig, DEFAULT_SCHEMA } from "../connection.ts"

/** On which a lease that is given back is told to whoever wants it. */
const leaseChannel = (options: ConnectionOptions): string => `${options.schema ?? DEFAULT_SCHEMA}_lease`

const noAnswer = new SqlError({
  reason: new ConnectionError({ message: "The database does not answer.", cause: undefined })
})

export const makeLeaseConnection = Effect.fnUntraced(function* (options: ConnectionOptions) {
  const channel = leaseChannel(options)

  const open = Effect.fnUntraced(function* (scope: Scope.Closeable) {
    // Closed one after the other: to stop listening first would be a statement more, on a connection that may not answer.
    const listening = yield* Scope.fork(scope)
    const connection = yield* Scope.fork(scope)
    const made = yield* Scope.provide(PgConnection.make(connectionConfig(options, "lease")), connection)
    const session = yield* Scope.provide(made.pin, connection)
    return { session, scope, heard: yield* Scope.provide(session.listen(channel), listening) }
  })
  let current: Effect.Success<ReturnType<typeof open>> | undefined

  const connect = Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      return (current = yield* restore(open(scope)).pipe(
        Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause)))
      ))
    })
  )

  const drop = Effect.suspend(() => {
    const dropped = current
    current = undefined
    return dropped === undefined ? Effect.void : Scope.close(dropped.scope, Exit.void)
  })
  yield* Effect.addFinalizer(() => drop)

  return {
    /**
     * Runs a statement. A connection on which that fails, or that does not answer within so many milliseconds, is not used again, and the
     * statement fails with it.
     */
    query: <Row>(within: number, statement: string, parameters: ReadonlyArray<unknown> = []) =>
      Effect.suspend(() => (current === undefined ? connect : Effect.succeed(current))).pipe(
        Effect.flatMap(({ session }) => session.query(statement, parameters)),
        Effect.map((result) => result.rows as unknown as ReadonlyArray<Row>),
        // Dropped first: to interrupt it would wait for an answer.
        // @effect-diagnostics-next-line raceFirstWithSleepToTimeout:off
        Effect.raceFirst(Effect.andThen(Effect.sleep(within), Effect.andThen(drop, noAnswer))),
        Effect.onError(() => drop)
      ),
    /** Says that a lease was given back, or that the connection dropped; waits while there is none. */
    stirred: Effect.suspend((): Effect.Effect<"given-back" | "dropped"> =>
      current === undefined
        ? Effect.never
        : Queue.take(current.heard).pipe(
            Effect.as("given-back" as const),
            Effect.catchCause(() => Effect.as(drop, "dropped" as const))
          )
    ),
    channel
  }
})
