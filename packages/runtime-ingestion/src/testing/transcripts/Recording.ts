import type { ExpectedTurn } from "./ExpectedTurn.ts"
import type { Protocol } from "./protocols.ts"
import type { Line } from "./Transcript.ts"

/** A transcript, and the protocol it is in. */
export interface Recording {
  /** `folder/name`. */
  readonly name: string
  readonly protocol: Protocol
  readonly lines: ReadonlyArray<Line>
  /** What the thread must show, where the protocol's own words do not say it. */
  readonly expected?: ReadonlyArray<ExpectedTurn>
}
