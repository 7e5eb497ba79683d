/** A promise broken on purpose: what of a server is put in place of its own, and what of its runtimes. */
import type { ProviderRuntime } from "@spillway/runtime-ingestion"
import type { Parts } from "spillway/effect"
import type { TextLedger } from "../../ledger/TextLedger.ts"
import type { PlantedBreak } from "../ServerArguments.ts"

export interface Surroundings extends PlantedBreak {
  readonly ledger: TextLedger
}

export interface Break {
  readonly parts?: (surroundings: Surroundings) => Partial<Parts>
  /** Between what the runtime hands over, which is written down, and the server. */
  readonly runtime?: (runtime: ProviderRuntime) => ProviderRuntime
}
