import type { ProviderRuntime } from "@spillway/runtime-ingestion"
import { SpillwayError } from "../SpillwayError.ts"
import type { Runtime } from "./Runtime.ts"

/**
 * A runtime as the engine runs it: `scripted()`, `aiSdk(…)` and `defineRuntime(…)` give provider runtimes, and say nothing of it to those
 * who know no Effect.
 */
export const providerRuntime = (runtime: Runtime): ProviderRuntime => {
  const given = runtime as ProviderRuntime | undefined
  if (typeof given?.runTurn === "function" && typeof given.name === "string" && given.name !== "")
    return given
  throw new SpillwayError(
    "options-invalid",
    "This is no runtime: make one with scripted(), aiSdk({ model }) or defineRuntime({ name, run })."
  )
}
