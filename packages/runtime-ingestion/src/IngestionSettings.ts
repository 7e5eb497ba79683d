/** How patient ingestion is, and where it cuts. Durations in milliseconds. */
import { Context } from "effect"
import { type CutLimits, DEFAULT_CUT_LIMITS } from "./delivery/cuts.ts"

/**
 * Leaves a commit, and a process that is kept from running, their time before the limit. Sooner would cost more: each time is a commit, and
 * text that is written twice.
 */
const CHECKPOINT_AGE = 850

/** Of the second that a crash may lose, this much is taken: the rest is for what a busy process notices late. */
const AT_RISK_LIMIT = 950

export interface IngestionSettingsValue {
  readonly limits: CutLimits
  /** Text that no segment holds is written to the log's checkpoint once it has waited this long. */
  readonly checkpointAge: number
  /** While text this old is neither in the log nor in its checkpoint, nothing more is taken in: the most that a crash loses. */
  readonly atRiskLimit: number
  /** Without a runtime event for this long a turn ends `failed` with `RuntimeStalled`; time parked on a request does not count. */
  readonly stallTimeout: number
  /** An interrupted turn ends `interrupted` at the latest after this long, whatever the runtime does. */
  readonly interruptGrace: number
}

export const IngestionSettings = Context.Reference<IngestionSettingsValue>(
  "@spillway/runtime-ingestion/IngestionSettings",
  {
    defaultValue: () => ({
      limits: DEFAULT_CUT_LIMITS,
      checkpointAge: CHECKPOINT_AGE,
      atRiskLimit: AT_RISK_LIMIT,
      stallTimeout: 600_000,
      interruptGrace: 10_000
    })
  }
)
