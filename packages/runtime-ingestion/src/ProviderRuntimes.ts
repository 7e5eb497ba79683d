/** The provider runtimes that this process offers, by name. */
import type { RuntimeChoice } from "@spillway/contracts"
import { Context, Layer } from "effect"
import type { ProviderRuntime } from "./ProviderRuntime.ts"

export class ProviderRuntimes extends Context.Service<
  ProviderRuntimes,
  {
    /** What a turn runs on when its start names no runtime. */
    readonly default: ProviderRuntime
    readonly all: ReadonlyArray<ProviderRuntime>
    readonly find: (choice: RuntimeChoice) => ProviderRuntime | undefined
  }
>()("@spillway/runtime-ingestion/ProviderRuntimes") {
  /** The first one is the default. */
  static readonly layer = (first: ProviderRuntime, ...others: ReadonlyArray<ProviderRuntime>) => {
    const all = [first, ...others]
    return Layer.succeed(ProviderRuntimes, {
      default: first,
      all,
      find: (choice) =>
        choice.runtime === undefined ? first : all.find((runtime) => runtime.name === choice.runtime)
    })
  }
}
