/** The read models, for who looks after them from inside a service. */
import type {
  CheckOptions,
  CheckReport,
  ProjectionStand,
  RebuildOptions,
  RebuildReport
} from "@spillway/orchestration"

export interface Projections {
  /** How far each is, whether an event stops it, and how far a rebuild is, whichever process runs it. */
  readonly status: () => Promise<ReadonlyArray<ProjectionStand>>
  /**
   * Builds read models again from the log, beside those that serve, and puts them in their place: all, or those that `names` names. What
   * was cut off goes on where it was. Rejects with code `rebuild-running` while another process is at it, and with `rebuild-failed`, which
   * leaves what serves as it was. The signal cuts it off.
   */
  readonly rebuild: (
    options?: Pick<RebuildOptions, "restart" | "onStep"> & {
      readonly names?: ReadonlyArray<string>
      readonly signal?: AbortSignal
    }
  ) => Promise<ReadonlyArray<RebuildReport>>
  /** Folds the log and compares the read models with it, row by row, in one snapshot. Differences are in the reports. */
  readonly check: (
    options?: CheckOptions & { readonly signal?: AbortSignal }
  ) => Promise<ReadonlyArray<CheckReport>>
}

export type {
  CheckReport,
  Difference,
  ProjectionStand,
  RebuildPhase,
  RebuildReport,
  RebuildStand,
  RebuildStep
} from "@spillway/orchestration"
