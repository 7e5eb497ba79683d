/**
 * The delivery mode of each thread's active turn: a cache of `turns[turnId].mode` in the thread's state, where it was decided once. A
 * ref is latched when the turn's session starts, and let go when that turn ends; a queued turn has its own.
 */
import type { DeliveryMode, TurnId } from "@spillway/contracts"

export class DeliveryModeRefs {
  private readonly refs = new Map<string, { readonly turnId: TurnId; readonly mode: DeliveryMode }>()

  /** The mode under which the turn is written from here to its end. */
  latch(thread: string, turnId: TurnId, mode: DeliveryMode): DeliveryMode {
    this.refs.set(thread, { turnId, mode })
    return mode
  }

  modeOf(thread: string): DeliveryMode | undefined {
    return this.refs.get(thread)?.mode
  }

  /** Lets go of an ended turn's mode; another turn's stays. */
  release(thread: string, turnId: TurnId): void {
    if (this.refs.get(thread)?.turnId === turnId) this.refs.delete(thread)
  }

  get size(): number {
    return this.refs.size
  }
}
