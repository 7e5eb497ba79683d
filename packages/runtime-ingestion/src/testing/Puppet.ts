/** A provider runtime whose strings a test holds: each turn it is given waits to be played by hand. */
import { Context, Effect, Layer, Queue, Deferred } from "effect"
import type { ProviderRuntime, RuntimeFailed, RuntimeSession, TurnInput } from "../ProviderRuntime.ts"
import { ProviderRuntimes } from "../ProviderRuntimes.ts"

/** One turn in a test's hands. */
export interface PuppetTurn {
  readonly input: TurnInput
  readonly session: RuntimeSession
  /** Lets `runTurn` return, or fail. */
  readonly finish: Effect.Effect<void>
  readonly fail: (error: RuntimeFailed) => Effect.Effect<void>
  /** Resolves once the runtime was stopped, by itself or from outside. */
  readonly stopped: Effect.Effect<void>
}

export class Puppet extends Context.Service<
  Puppet,
  {
    /** The next turn that the runtime is called for. */
    readonly next: Effect.Effect<PuppetTurn>
    /** How often it was called. */
    readonly calls: () => number
  }
>()("@spillway/runtime-ingestion/testing/Puppet") {
  /** The puppet as the default runtime, and beside it one of the name `silent-steps` that announces no steps. */
  static readonly layer = Layer.effectContext(
    Effect.gen(function* () {
      const turns = yield* Queue.unbounded<PuppetTurn>()
      let calls = 0
      const runtime = (name: string, but: Partial<ProviderRuntime> = {}): ProviderRuntime => ({
        name,
        resumable: true,
        canSteer: true,
        announcesSteps: true,
        runTurn: Effect.fnUntraced(function* (input, session) {
          calls++
          const done = yield* Deferred.make<void, RuntimeFailed>()
          const stopped = yield* Deferred.make<void>()
          yield* Queue.offer(turns, {
            input,
            session,
            finish: Effect.asVoid(Deferred.succeed(done, undefined)),
            fail: (error) => Effect.asVoid(Deferred.fail(done, error)),
            stopped: Deferred.await(stopped)
          })
          yield* Deferred.await(done).pipe(Effect.ensuring(Deferred.succeed(stopped, undefined)))
        }),
        ...but
      })
      const runtimes = ProviderRuntimes.layer(
        runtime("puppet"),
        runtime("silent-steps", { announcesSteps: false, canSteer: false }),
        runtime("steered", { announcesSteps: false }),
        runtime("forgetful", { resumable: false, canSteer: false })
      )
      return Context.merge(
        yield* Layer.build(runtimes),
        Context.make(Puppet, { next: Queue.take(turns), calls: () => calls })
      )
    })
  )
}
