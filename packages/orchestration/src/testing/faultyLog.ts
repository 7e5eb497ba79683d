/** A log that fails in each of the ways in which a database does that goes away, when a test says so. */
import { Effect, Layer } from "effect"
import { type Append, EventLog, OutcomeUnknown, Unavailable } from "../EventLog.ts"

export type AppendFault =
  /** Nothing was done, and the caller learns it. */
  | "refused"
  /** Nothing was done, and the caller does not learn it. */
  | "lost"
  /** It was done, and the caller does not learn it. */
  | "answer-lost"
  /** Nothing was done yet, and the caller does not learn it: it is done before the call after the next. */
  | "late"

export interface Faults {
  /** What happens to the next append. */
  readonly append: () => AppendFault | null
  /** What happens to the next read: it fails, or it takes so many milliseconds. */
  readonly read: () => "failed" | number
}

const refused = Effect.fail(new Unavailable({ message: "the database is away" }))
const unknown = Effect.fail(new OutcomeUnknown({ message: "the connection dropped at commit" }))

export const faultyLog = (faults: Faults) =>
  Layer.effect(
    EventLog,
    Effect.gen(function* () {
      const log = yield* EventLog
      /** With the calls until each is done. */
      let late: Array<{ readonly append: Append; calls: number }> = []

      const doLate = Effect.suspend(() => {
        for (const one of late) one.calls--
        const due = late.filter(({ calls }) => calls < 0)
        late = late.filter(({ calls }) => calls >= 0)
        return Effect.forEach(due, ({ append }) => Effect.ignore(log.append(append)), { discard: true })
      })

      const append = (append: Append) =>
        Effect.andThen(
          doLate,
          Effect.suspend(() => {
            switch (faults.append()) {
              case null:
                return log.append(append)
              case "refused":
                return refused
              case "lost":
                return unknown
              case "answer-lost":
                return Effect.andThen(log.append(append), unknown)
              case "late":
                late.push({ append, calls: 1 })
                return unknown
            }
          })
        )

      const reading = <A, E>(read: Effect.Effect<A, E>) =>
        Effect.andThen(
          doLate,
          Effect.suspend((): Effect.Effect<A, E | Unavailable> => {
            const fault = faults.read()
            if (fault === "failed") return refused
            return fault === 0 ? read : Effect.delay(read, fault)
          })
        )

      return EventLog.of({
        ...log,
        append,
        head: reading(log.head),
        readThread: (options) => reading(log.readThread(options)),
        readLog: (options) => reading(log.readLog(options)),
        cursor: (sessionId) => reading(log.cursor(sessionId)),
        checkpoint: (sessionId) => reading(log.checkpoint(sessionId)),
        snapshot: (tenant, threadId) => reading(log.snapshot(tenant, threadId))
      })
    })
  )
