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
  static readonly layer = (first: ProviderRuntime, ...others: ReadonlyArray<ProviderRuntime>) =>
    Layer.succeed(ProviderRuntimes, ProviderRuntimes.make([first, ...others]))

  /** @param elsewhere finds those that are not of this process, by a name that none here has. */
  static readonly make = (
    all: readonly [ProviderRuntime, ...ReadonlyArray<ProviderRuntime>],
    elsewhere: (name: string) => ProviderRuntime | undefined = () => undefined
  ) => {
    const find = (name: string) => all.find((runtime) => runtime.name === name) ?? elsewhere(name)
    return ProviderRuntimes.of({
      default: all[0],
      all,
      find: ({ runtime }) => (runtime === undefined ? all[0] : find(runtime))
    })
  }
}
