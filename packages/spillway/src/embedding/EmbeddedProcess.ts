/** The process of Spillway that runs inside a service: its services, and how promises reach them. */
import { Effect, Exit, Layer, Scope } from "effect"
import type { layerMountable } from "../Spillway.ts"
import { closedError, errorOf } from "./errorOf.ts"

export type Services = Layer.Success<ReturnType<typeof layerMountable>>

export interface EmbeddedProcess {
  /** Runs an effect. It rejects with what a service can make use of; aborting the signal interrupts it. */
  readonly run: <A, E>(effect: Effect.Effect<A, E, Services>, signal?: AbortSignal) => Promise<A>
  /** Aborted when closing begins: whoever waits for what may never come waits no longer. */
  readonly closing: AbortSignal
  /** A scope inside the process: closed on its own, or before everything else when the process closes. */
  readonly fork: () => Scope.Closeable
  readonly close: () => Promise<void>
}

/** Builds it; what was built before a failure is taken down again. */
export const startProcess = async <E>(layer: Layer.Layer<Services, E>): Promise<EmbeddedProcess> => {
  const scope = Scope.makeUnsafe()
  const built = await Effect.runPromiseExit(Layer.buildWithScope(layer, scope))
  if (Exit.isFailure(built)) {
    await Effect.runPromise(Scope.close(scope, Exit.void))
    throw errorOf(built.cause)
  }
  const closing = new AbortController()
  const runExit = Effect.runPromiseExitWith(built.value)
  let closed: Promise<void> | undefined

  return {
    closing: closing.signal,
    fork: () => Scope.forkUnsafe(scope),
    run: async (effect, signal) => {
      if (closing.signal.aborted) throw closedError()
      signal?.throwIfAborted()
      const exit = await runExit(effect, signal === undefined ? {} : { signal })
      if (Exit.isSuccess(exit)) return exit.value
      throw errorOf(exit.cause, signal)
    },
    close: () => {
      closing.abort(closedError())
      return (closed ??= Effect.runPromise(Scope.close(scope, Exit.void)))
    }
  }
}
