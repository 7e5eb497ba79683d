/**
 * Plays an async generator as a provider runtime. It is pulled once the session has admitted what it yielded before: a full lane holds
 * it back. Interrupted, its signal aborts and it is returned, so that its `finally` runs.
 */
import {
  failureOf,
  type Pulled,
  PulledGenerator,
  type RuntimeDefinition,
  type RuntimeOutput
} from "@spillway/contracts/generator-runtime"
import {
  type ProviderRuntime,
  RuntimeFailed,
  type RuntimeSession,
  type SessionClosed,
  type TurnInput
} from "@spillway/runtime-ingestion"
import { Effect, Schema, type Scope } from "effect"
import { makeRuntimeTurn, stopped } from "./runtimeTurn.ts"
import { StepProgress } from "./StepProgress.ts"

/** What the generator threw. */
class Thrown extends Schema.TaggedError<Thrown>("spillway/runtimes/Thrown")("Thrown", {
  error: Schema.Unknown
}) {}

export const generatorRuntime = (definition: RuntimeDefinition): ProviderRuntime => ({
  name: definition.name,
  resumable: definition.resumable ?? false,
  canSteer: definition.canSteer ?? false,
  announcesSteps: true,
  runTurn: (input, session) =>
    runGenerator(definition, input, session).pipe(
      Effect.catchTag("Thrown", ({ error }) => Effect.fail(new RuntimeFailed(failureOf(error))))
    )
})

const runGenerator = Effect.fnUntraced(function* (
  { model, run }: RuntimeDefinition,
  input: TurnInput,
  session: RuntimeSession
): Effect.fn.Return<void, Thrown | SessionClosed, Scope.Scope> {
  const modelName = typeof model === "function" ? yield* attempt(() => model(input.choice)) : (model ?? null)
  const progress = new StepProgress(session, input, modelName)
  const abort = yield* Effect.acquireRelease(
    Effect.sync(() => new AbortController()),
    (abort) => Effect.sync(() => abort.abort(stopped()))
  )
  const turn = yield* makeRuntimeTurn(input, session, progress, abort.signal)
  if (input.nextStepIndex === 0) yield* progress.nextStep
  const generator = yield* Effect.acquireRelease(
    attempt(() => new PulledGenerator(run(turn))),
    (generator) => {
      abort.abort(stopped())
      // It may hold resources. One that does not heed its signal is left behind by the session after a while.
      return Effect.promise(() => generator.abandon())
    }
  )

  /** Takes what it yields until it returns. */
  const drain = Effect.fnUntraced(function* (
    first: () => Promise<Pulled>,
    next: (output: RuntimeOutput) => Promise<Pulled>
  ) {
    let pulled = yield* pull(first)
    while (pulled.done !== true) {
      generator.taken()
      const output = pulled.value
      yield* Effect.flatten(attempt(() => progress.write(output)))
      pulled = yield* pull(() => next(output))
    }
    return pulled.value
  })

  const play = drain(
    () => generator.next(),
    () => generator.next()
  ).pipe(
    // What was written before it threw stays; the step says how it ended.
    Effect.tapErrorTag("Thrown", () => progress.finish({ finishReason: "error" })),
    Effect.tap(() => progress.finish()),
    Effect.flatMap((returned) =>
      session.emit({
        type: "turn.completed",
        ...(returned?.reason === undefined ? {} : { reason: returned.reason })
      })
    )
  )

  const stop = Effect.gen(function* () {
    abort.abort(stopped())
    yield* drain(
      () => generator.stop(),
      (output) => generator.nextOfStopped(output)
    ).pipe(
      // As a rule the signal's own reason.
      Effect.catchTag("Thrown", ({ error }) =>
        error === abort.signal.reason
          ? Effect.void
          : Effect.logWarning(`The runtime threw when it was stopped in ${input.turnId}`, error)
      )
    )
    yield* progress.finish({ finishReason: "aborted" })
    yield* session.emit({ type: "turn.aborted" })
  })

  const interrupted = yield* Effect.raceFirst(Effect.as(play, false), Effect.as(session.interrupted, true))
  if (interrupted) yield* stop
})

const attempt = <A>(work: () => A): Effect.Effect<A, Thrown> =>
  Effect.try({ try: work, catch: (error) => new Thrown({ error }) })

const pull = (next: () => Promise<Pulled>): Effect.Effect<Pulled, Thrown> =>
  Effect.tryPromise({ try: next, catch: (error) => new Thrown({ error }) })
