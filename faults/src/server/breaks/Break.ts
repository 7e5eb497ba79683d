/** A promise broken on purpose: what of a server is put in place of its own, and what of its runtimes. */
import type { ProviderRuntime } from "@spillway/runtime-ingestion"
import type { Parts } from "spillway/effect"
import type { TextLedger } from "../../ledger/TextLedger.ts"

export interface Break {
  readonly parts?: (ledger: TextLedger) => Partial<Parts>
  /** Between what the runtime hands over, which is written down, and the server. */
  readonly runtime?: (runtime: ProviderRuntime) => ProviderRuntime
}

/** Milliseconds between what should be one moment: time enough for a kill. */
export const MOMENT = 1_000
