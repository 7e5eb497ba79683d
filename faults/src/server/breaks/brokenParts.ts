/** Parts of a server that differ from its own in what is given here. */
import { EventLog, Publisher, ThreadEngine } from "@spillway/orchestration"
import { Effect, Layer } from "effect"

type Engine = ThreadEngine["Service"]
type Log = EventLog["Service"]

/** The engine itself, with some of what it offers put in place. */
export const withEngine = (change: (engine: Engine) => Partial<Engine>): typeof ThreadEngine.layer =>
  Layer.effect(
    ThreadEngine,
    Effect.map(ThreadEngine, (engine) => ThreadEngine.of({ ...engine, ...change(engine) }))
  ).pipe(Layer.provide(ThreadEngine.layer))

/** The engine on a log that differs for it alone. */
export const onLog = (
  change: (log: Log, publisher: Publisher["Service"]) => Partial<Log>
): typeof ThreadEngine.layer =>
  ThreadEngine.layer.pipe(
    Layer.provide(
      Layer.effect(
        EventLog,
        Effect.gen(function* () {
          const log = yield* EventLog
          return EventLog.of({ ...log, ...change(log, yield* Publisher) })
        })
      )
    )
  )

/** The publisher that there is, handing on something else. */
export const changedPublisher = (
  change: (publisher: Publisher["Service"]) => Partial<Publisher["Service"]>
): Layer.Layer<Publisher, never, Publisher> =>
  Layer.effect(
    Publisher,
    Effect.map(Publisher, (publisher) => Publisher.of({ ...publisher, ...change(publisher) }))
  )
