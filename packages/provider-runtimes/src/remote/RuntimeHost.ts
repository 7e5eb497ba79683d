/** A process that runs turns, as a door has it: a connection with a name for each runtime that it offers. */
import type { RuntimeOffer, RuntimeServerFrame } from "@spillway/contracts/runtime-protocol"

export interface RuntimeHost {
  /** The process, whatever its connection; `null` where it does not say. */
  readonly id: string | null
  readonly offers: ReadonlyArray<RuntimeOffer>
  readonly send: (frame: RuntimeServerFrame) => void
  /** It does not take what it was sent: what can wait, waits until its sessions are told to `catchUp`. */
  readonly isClogged: () => boolean
}
