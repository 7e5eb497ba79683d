/** How patient the server is with hosts. Durations in milliseconds. */
import { Context } from "effect"

export interface RemoteSettingsValue {
  /** A turn whose runtime no host offers waits this long for one. */
  readonly connectWait: number
  /** A session whose host is gone waits this long for it to come back. */
  readonly grace: number
  /** One that an earlier server left waits this long: the thread is to take a new turn soon. */
  readonly reattach: number
}

export const RemoteSettings = Context.Reference<RemoteSettingsValue>(
  "@spillway/provider-runtimes/RemoteSettings",
  { defaultValue: () => ({ connectWait: 10_000, grace: 10_000, reattach: 10_000 }) }
)
