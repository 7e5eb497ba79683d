/**
 * Text of one part that is not durable yet. It arrives as chunks and is joined once, when it leaves: never `text + delta`, which
 * would cost the square of its length. What is in flight stays here until its commit succeeded.
 */
import { endsInHighSurrogate } from "@spillway/contracts"

interface WaitingChunk {
  text: string
  readonly at: number
  readonly sequence: number
}

export class TextBuffer {
  private committed: number
  private inFlight: Array<string> = []
  private inFlightUnits = 0
  private chunks: Array<WaitingChunk> = []
  private waitingUnits = 0

  /** @param offset the part's durable length so far, in UTF-16 code units. */
  constructor(offset = 0) {
    this.committed = offset
  }

  /** Code units that are committed. */
  get durable(): number {
    return this.committed
  }

  /** Code units known in all: durable, in flight and waiting. */
  get end(): number {
    return this.committed + this.inFlightUnits + this.waitingUnits
  }

  /** Code units that were not taken yet. */
  get waiting(): number {
    return this.waitingUnits
  }

  /** When the oldest waiting text came, in milliseconds. */
  get firstAt(): number | null {
    return this.chunks[0]?.at ?? null
  }

  /** The source sequence of the oldest waiting text. */
  get heldSince(): number | null {
    return this.chunks[0]?.sequence ?? null
  }

  push(text: string, at: number, sequence: number): void {
    if (text === "") return
    this.chunks.push({ text, at, sequence })
    this.waitingUnits += text.length
  }

  /** Moves the first `units` waiting code units in flight; a surrogate pair on the edge stays whole, and waits. */
  take(units: number = this.waitingUnits): { offset: number; text: string } | undefined {
    const taken: Array<string> = []
    let left = Math.min(units, this.waitingUnits)
    let whole = 0
    while (left > 0) {
      const chunk = this.chunks[whole]!
      if (chunk.text.length <= left) {
        taken.push(chunk.text)
        left -= chunk.text.length
        whole++
        continue
      }
      const cut = endsInHighSurrogate(chunk.text.slice(0, left)) ? left - 1 : left
      taken.push(chunk.text.slice(0, cut))
      chunk.text = chunk.text.slice(cut)
      left = 0
    }
    if (whole > 0) this.chunks.splice(0, whole)
    const text = taken.join("")
    if (text === "") return undefined
    const offset = this.committed + this.inFlightUnits
    this.inFlight.push(text)
    this.inFlightUnits += text.length
    this.waitingUnits -= text.length
    return { offset, text }
  }

  /** What is in flight is committed. */
  confirm(): void {
    this.committed += this.inFlightUnits
    this.inFlight = []
    this.inFlightUnits = 0
  }

  /** Everything that is not durable, at the durable offset. */
  tail(): { offset: number; text: string } | undefined {
    if (this.inFlightUnits + this.waitingUnits === 0) return undefined
    return { offset: this.committed, text: this.inFlight.join("") + this.chunks.map((chunk) => chunk.text).join("") }
  }
}
