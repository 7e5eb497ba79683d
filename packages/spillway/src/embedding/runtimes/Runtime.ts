/**
 * What turns run on, as a service that embeds Spillway sees it. `scripted`, `aiSdk` and `defineRuntime` make them; so does every
 * `ProviderRuntime` of the Effect side, which is one already.
 */
export interface Runtime {
  /** What a turn's `runtime` asks for. */
  readonly name: string
  /** A turn that waits for a person goes on after a restart. */
  readonly resumable: boolean
  /** It takes messages between the steps of a running turn. */
  readonly canSteer: boolean
}
