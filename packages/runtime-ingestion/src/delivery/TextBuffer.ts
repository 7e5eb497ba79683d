/**
 * The text of one part that no segment holds yet, in UTF-16 code units. It waits as the chunks it came in, is taken in flight towards a
 * commit, and leaves only when that commit has succeeded. While it waits, the log's checkpoint may hold a copy of it.
 *
 * Chunks are joined once, when they are taken: never `text + delta`, which costs the square of the text. Whatever sizes text comes and
 * goes in, each code unit is handled a constant number of times.
 */

interface Chunk {
  text: string
  readonly at: number
}

/** So many taken chunks may stand in front of the waiting ones before they are cleared away together. */
const CLEARED_AT_ONCE = 1_024

export class TextBuffer {
  private committed: number
  private inFlight: Array<string> = []
  private inFlightUnits = 0
  private chunks: Array<Chunk> = []
  /** The first chunk that waits; those before it were taken. */
  private first = 0
  private waitingUnits = 0
  /** The first waiting chunk that the checkpoint does not hold; those behind it are not in there either. */
  private firstAtRisk = 0

  /** @param offset the part's durable length so far. */
  constructor(offset = 0) {
    this.committed = offset
  }

  /** Code units that are committed. */
  get durable(): number {
    return this.committed
  }

  /** Code units that are committed or in flight. */
  get taken(): number {
    return this.committed + this.inFlightUnits
  }

  /** Code units known in all: durable, in flight and waiting. */
  get end(): number {
    return this.taken + this.waitingUnits
  }

  /** Code units that were not taken yet. */
  get waiting(): number {
    return this.waitingUnits
  }

  /** When the oldest waiting text came, in milliseconds. */
  get firstAt(): number | null {
    return this.chunks[this.first]?.at ?? null
  }

  /** When the oldest waiting text came that the checkpoint does not hold, in milliseconds. */
  get atRiskSince(): number | null {
    return this.chunks[this.firstAtRisk]?.at ?? null
  }

  push(text: string, at: number): void {
    if (text === "") return
    this.chunks.push({ text, at })
    this.waitingUnits += text.length
  }

  /**
   * Moves the first `units` waiting code units in flight, one less if that would part a surrogate pair. Nothing is moved, and the answer is
   * `undefined`, where there is nothing to move.
   */
  take(units: number = this.waitingUnits): { offset: number; text: string } | undefined {
    const text = units >= this.waitingUnits ? this.takeAll() : this.takeFirst(units)
    if (text === "") return undefined
    const offset = this.taken
    this.inFlight.push(text)
    this.inFlightUnits += text.length
    this.waitingUnits -= text.length
    return { offset, text }
  }

  /** The waiting text that the checkpoint does not hold, on its way there. It goes on waiting. */
  keep(): { offset: number; text: string } | undefined {
    const text = joined(this.chunks, this.firstAtRisk, this.chunks.length)
    this.firstAtRisk = this.chunks.length
    return text === "" ? undefined : { offset: this.end - text.length, text }
  }

  /** The first `units` code units in flight are committed; all of them unless said. */
  confirm(units: number = this.inFlightUnits): void {
    let left = Math.min(units, this.inFlightUnits)
    this.committed += left
    this.inFlightUnits -= left
    let whole = 0
    while (left > 0 && this.inFlight[whole]!.length <= left) left -= this.inFlight[whole++]!.length
    this.inFlight = this.inFlight.slice(whole)
    if (left > 0) this.inFlight[0] = this.inFlight[0]!.slice(left)
  }

  /** Everything that is not durable, in flight and waiting, at the durable offset. */
  tail(): { offset: number; text: string } | undefined {
    const text = this.inFlight.join("") + joined(this.chunks, this.first, this.chunks.length)
    return text === "" ? undefined : { offset: this.committed, text }
  }

  private takeAll(): string {
    const text = joined(this.chunks, this.first, this.chunks.length)
    this.chunks = []
    this.first = 0
    this.firstAtRisk = 0
    return text
  }

  private takeFirst(units: number): string {
    // The edge is `within` code units into the chunk at `index`.
    let index = this.first
    let within = Math.max(0, units)
    while (within >= this.chunks[index]!.text.length) within -= this.chunks[index++]!.text.length
    if (
      isLow(this.unit(index, within)) &&
      isHigh(within > 0 ? this.unit(index, within - 1) : this.lastUnit(index - 1))
    ) {
      if (within === 0) within = this.chunks[--index]!.text.length
      within--
    }
    const edge = this.chunks[index]!
    const text = joined(this.chunks, this.first, index) + edge.text.slice(0, within)
    edge.text = edge.text.slice(within)
    this.first = index
    this.firstAtRisk = Math.max(index, this.firstAtRisk)
    if (this.first >= CLEARED_AT_ONCE && this.first * 2 >= this.chunks.length) {
      this.chunks = this.chunks.slice(this.first)
      this.firstAtRisk -= this.first
      this.first = 0
    }
    return text
  }

  private unit(index: number, at: number): number {
    return this.chunks[index]!.text.charCodeAt(at)
  }

  /** The last code unit of a waiting chunk; NaN where that was taken already. */
  private lastUnit(index: number): number {
    return index < this.first ? Number.NaN : this.unit(index, this.chunks[index]!.text.length - 1)
  }
}

const joined = (chunks: ReadonlyArray<Chunk>, from: number, to: number): string => {
  const texts: Array<string> = []
  for (let i = from; i < to; i++) texts.push(chunks[i]!.text)
  return texts.join("")
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff
