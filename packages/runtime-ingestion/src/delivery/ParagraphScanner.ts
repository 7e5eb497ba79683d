/**
 * Finds the last place where waiting text may be cut for a reader: behind a blank line, or behind the line that closes a fence of
 * code. A blank line inside an open fence is code, and no such place; nor is one with nothing but white space before it.
 *
 * Reads text as it comes, each code unit once, however lines and fences are split over deltas. Only complete lines count.
 */

/** A fence may open in a list item or a quotation. One of backticks has none behind it: that is code within a line. */
const opening = /^(?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t])*(`{3,}(?!.*`)|~{3,})/

/** It closes with at least as many of the same mark, and nothing else on the line. */
const closing = /^[ \t>]*(`{3,}|~{3,})\s*$/

/** What tells a line's kind is at its beginning; of a longer line no more than about this is kept. */
const KEPT = 128

export class ParagraphScanner {
  /** Code units from the start of the waiting text to the last boundary in it; 0 when there is none. */
  boundary = 0
  /** Code units of waiting text that were read. */
  private read = 0
  /** Where the last visible character in the waiting text ends; not above 0 when there is none. */
  private ink = 0
  private line = ""
  private lineIsKept = true
  private lineIsBlank = true
  /** The marks that opened the fence we are in. */
  private fence: string | null = null

  push(text: string): void {
    for (let from = 0; from < text.length;) {
      const end = text.indexOf("\n", from)
      this.readPiece(text.slice(from, end < 0 ? text.length : end))
      if (end < 0) return
      this.read++
      this.endLine()
      from = end + 1
    }
  }

  /** The first `units` of the waiting text were taken. */
  cut(units: number): void {
    this.read -= units
    this.ink -= units
    this.boundary = Math.max(0, this.boundary - units)
  }

  private readPiece(piece: string): void {
    const inked = piece.trimEnd().length
    if (inked > 0) {
      this.ink = this.read + inked
      this.lineIsBlank = false
    }
    if (this.line.length < KEPT) this.line += piece.slice(0, KEPT)
    else if (inked > 0) this.lineIsKept = false
    if (piece.length > KEPT) this.lineIsKept = false
    this.read += piece.length
  }

  private endLine(): void {
    if (this.fence !== null) {
      const marks = this.lineIsKept ? closing.exec(this.line)?.[1] : undefined
      if (marks?.startsWith(this.fence) === true) {
        this.fence = null
        this.boundary = this.read
      }
    } else if (this.lineIsBlank) {
      if (this.ink > 0) this.boundary = this.read
    } else {
      this.fence = opening.exec(this.line)?.[1] ?? null
    }
    this.line = ""
    this.lineIsKept = true
    this.lineIsBlank = true
  }
}
