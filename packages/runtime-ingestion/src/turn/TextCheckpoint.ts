/**
 * A turn's text in the log's checkpoint: what no segment holds is written there before it is old, so that a crash loses little of it.
 * A piece is written once, and its cost is that of its text, however much waits beside it. Pieces are numbered; when segments hold all
 * of them, the next one is number 0 again and takes its place.
 */
import type { UnflushedText } from "@spillway/orchestration"
import type { OpenPart } from "./OpenPart.ts"

export class TextCheckpoint {
  private readonly age: number
  private pieces: Array<UnflushedText> = []
  /** Of each piece since number 0, where it ends in its part. */
  private kept: Array<{ readonly part: OpenPart; readonly end: number }> = []

  /** @param age how long text waits before it is kept, in milliseconds. */
  constructor(age: number) {
    this.age = age
  }

  /** What is to be committed. The same until `confirm`. */
  pending(): ReadonlyArray<UnflushedText> {
    return this.pieces
  }

  confirm(): void {
    this.pieces = []
  }

  /** When text is to be kept next, in milliseconds; `null` when there is none. */
  deadline(parts: Iterable<OpenPart>): number | null {
    const since = atRiskSince(parts)
    return since === null ? null : since + this.age
  }

  /** Keeps all text that would be lost, once the oldest of it has waited long enough: what is younger goes with it. */
  tick(parts: ReadonlyArray<OpenPart>, now: number): void {
    const due = this.deadline(parts)
    if (due === null || due > now) return
    if (this.kept.every(({ end, part }) => end <= part.buffer.taken)) this.kept = []
    for (const part of parts) {
      const piece = part.keep()
      if (piece === undefined) continue
      this.pieces.push({ ordinal: this.kept.length, ...piece })
      this.kept.push({ part, end: part.buffer.end })
    }
  }
}

/** When the oldest text came that a crash would lose; `null` when there is none. */
export const atRiskSince = (parts: Iterable<OpenPart>): number | null => {
  let oldest: number | null = null
  for (const { atRiskSince: since } of parts) {
    if (since !== null && (oldest === null || since < oldest)) oldest = since
  }
  return oldest
}
