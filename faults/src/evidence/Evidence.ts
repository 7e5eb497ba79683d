/** All that the counters look at: what clients and runtimes wrote down, what the database holds, and what everybody was shown. */
import type { ThreadView } from "@spillway/contracts"
import type { CommandEntry } from "../ledger/CommandLedger.ts"
import type { RuntimeCall } from "../ledger/readTexts.ts"
import type { Seen } from "../load/Seen.ts"
import type { SeenLog } from "../load/SeenLog.ts"
import type { LogEvidence } from "./readLog.ts"
import type { TurnTexts } from "./turnTexts.ts"

/** Of which process of the server, and when. Milliseconds of `monotonic`. */
export interface ServerKill {
  readonly process: number
  readonly at: number
}

/** A view as somebody has it at the end. It may hold the last turns alone. */
export interface FinalView {
  readonly whose: string
  readonly view: ThreadView
}

export interface Evidence {
  readonly commands: ReadonlyMap<string, CommandEntry>
  readonly calls: ReadonlyArray<RuntimeCall>
  readonly texts: TurnTexts
  readonly serverKills: ReadonlyArray<ServerKill>
  readonly log: LogEvidence
  /** Subscribers of threads, and of the whole log, as they ended up. */
  readonly subscribers: ReadonlyArray<{ readonly whose: string; readonly seen: Seen }>
  readonly logSubscribers: ReadonlyArray<{ readonly whose: string; readonly seen: SeenLog }>
  readonly views: ReadonlyArray<FinalView>
  /** What `spillway projections check` says: rows of the read models that are not the fold of the log. */
  readonly rowDifferences: ReadonlyArray<string>
  /** Threads that did not come to rest, or did not take and complete a new turn, in the time there is. */
  readonly stuck: ReadonlyArray<string>
}

/** A counter: what it found, a sentence for each. */
export type Counter = (evidence: Evidence) => ReadonlyArray<string>
