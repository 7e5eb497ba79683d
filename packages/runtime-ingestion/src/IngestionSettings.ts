/** How patient ingestion is, and where it cuts. Durations in milliseconds. */
import { Context } from "effect"
import { type CutLimits, DEFAULT_CUT_LIMITS } from "./delivery/cuts.ts"

export interface IngestionSettingsValue {
  readonly limits: CutLimits
  /** Without a runtime event for this long a turn ends `failed` with `RuntimeStalled`; time parked on a request does not count. */
  readonly stallTimeout: number
  /** An interrupted turn ends `interrupted` at the latest after this long, whatever the runtime does. */
  readonly interruptGrace: number
}

export const IngestionSettings = Context.Reference<IngestionSettingsValue>(
  "@spillway/runtime-ingestion/IngestionSettings",
  { defaultValue: () => ({ limits: DEFAULT_CUT_LIMITS, stallTimeout: 600_000, interruptGrace: 10_000 }) }
)
