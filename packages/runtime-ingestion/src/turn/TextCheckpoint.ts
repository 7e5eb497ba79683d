/**
 * A turn's text in the log's checkpoint, and how far its source counts as taken in.
 *
 * What no segment holds is written to the checkpoint with whatever is committed next, or before it is old, so that a crash loses little of
 * it: a commit leaves nothing behind but what is held back, which nobody may see. A piece is written once, and its cost is that of its
 * text, however much waits beside it. Pieces are numbered; when none of them is needed any more, the next one is number 0 again and takes
 * its place.
 */
import type { UnflushedText } from "@spillway/orchestration"
import type { OpenPart } from "./OpenPart.ts"

export class TextCheckpoint {
  private readonly parts: () => Iterable<OpenPart>
  private readonly age: number
  private pieces: Array<UnflushedText> = []
  /** Of each piece since number 0, where it ends in its part. */
  private kept: Array<{ readonly part: OpenPart; readonly end: number }> = []
  /** While something is held back, the last event before which nothing was. */
  private heldSince: number | null = null

  /**
   * @param parts those that are open.
   * @param age how long text waits before it is kept, in milliseconds.
   */
  constructor(parts: () => Iterable<OpenPart>, age: number) {
    this.parts = parts
    this.age = age
  }

  /** What is to be committed. The same until `confirm`. */
  pending(): ReadonlyArray<UnflushedText> {
    return this.pieces
  }

  confirm(): void {
    this.pieces = []
  }

  /** When the oldest text came that a crash would lose, in milliseconds; `null` when there is none. */
  atRiskSince(): number | null {
    let oldest: number | null = null
    for (const { atRiskSince } of this.parts()) oldest = sooner(oldest, atRiskSince)
    return oldest
  }

  /** When text is old enough to be kept without anything else to commit, in milliseconds; `null` when there is none. */
  deadline(): number | null {
    const since = this.atRiskSince()
    return since === null ? null : since + this.age
  }

  isDue(now: number): boolean {
    const deadline = this.deadline()
    return deadline !== null && deadline <= now
  }

  /** Of the source's events up to `sequence`, those that count as taken in once what is at risk is kept. */
  through(sequence: number): number {
    return this.heldSince ?? sequence
  }

  /**
   * The event of this sequence was taken in, behind the one `before`. A session that goes on after a crash knows nothing of what was
   * held back, so it goes on before all of that: where every part was understood to its end.
   */
  taken(sequence: number, before: number): void {
    let held = false
    for (const part of this.parts()) held ||= part.holds
    if (!held) this.heldSince = null
    if (!held || this.heldSince !== null) return
    this.heldSince = before
    for (const part of this.parts()) part.mark(sequence)
  }

  /** Nothing is held back over a boundary. */
  released(): void {
    this.heldSince = null
  }

  /** Keeps all text that would be lost. */
  keep(sequence: number): void {
    const parts = [...this.parts()]
    const held = this.heldSince !== null
    const isNeeded = this.kept.some(({ end, part }) => end > part.buffer.taken)
    if (!isNeeded && !parts.some((part) => part.isAhead(held))) this.kept = []
    for (const part of parts) {
      const piece = part.keep(this.through(sequence), held)
      if (piece === undefined) continue
      this.pieces.push({ ordinal: this.kept.length, ...piece })
      this.kept.push({ part, end: part.buffer.end })
    }
  }
}

/** The smaller of two times, of which there may be none. */
export const sooner = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other)
