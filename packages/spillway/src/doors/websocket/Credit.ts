/**
 * What a socket may have out un-acked: so many events, so many bytes, and always one frame, however large. The memory that a
 * client can make the server hold is bounded by it.
 */
export interface CreditLimits {
  readonly events: number
  readonly bytes: number
}

/** A frame on its way: who it was for and how far it took them. */
export interface Sent {
  readonly seq: number
  readonly subscription: string
  /** The version (position) of the last event in it; `null` when it holds none. */
  readonly through: number | null
  readonly events: number
  readonly bytes: number
}

export class Credit {
  readonly #limits: CreditLimits
  /** Oldest first. */
  #out: Array<Sent> = []
  #events = 0
  #bytes = 0
  #seq = 0

  constructor(limits: CreditLimits) {
    this.#limits = limits
  }

  /** Room for another frame. */
  hasRoom(): boolean {
    return this.#events < this.#limits.events && this.#bytes < this.#limits.bytes
  }

  /** How many events the next frame may hold: at least one while there is room. */
  roomForEvents(): number {
    return Math.max(0, this.#limits.events - this.#events)
  }

  /** The number of the next frame. */
  nextSeq(): number {
    return this.#seq + 1
  }

  sent(frame: Omit<Sent, "seq">): void {
    this.#seq += 1
    this.#events += frame.events
    this.#bytes += frame.bytes
    this.#out.push({ seq: this.#seq, ...frame })
  }

  /** Everything up to `seq` was processed. Gives the frames that were out until now; a number that was never sent frees nothing. */
  ack(seq: number): ReadonlyArray<Sent> {
    if (seq > this.#seq) return []
    let count = 0
    for (const frame of this.#out) {
      if (frame.seq > seq) break
      this.#events -= frame.events
      this.#bytes -= frame.bytes
      count += 1
    }
    return this.#out.splice(0, count)
  }
}
