/**
 * Finds the last place where waiting text may be cut for a reader: behind a blank line, or behind the line that closes a fence of
 * code. A blank line inside an open fence is code, and no such place. Reads each code unit once.
 */
export class ParagraphScanner {
  /** Code units from the start of the waiting text to the last boundary in it; 0 when there is none. */
  boundary = 0
  private scanned = 0
  private line = ""
  private lineLength = 0
  private fence: "`" | "~" | null = null

  push(text: string): void {
    let from = 0
    while (from < text.length) {
      const end = text.indexOf("\n", from)
      const piece = text.slice(from, end < 0 ? text.length : end)
      // The beginning of a line tells what it is; the rest of a long one is not kept.
      if (this.line.length < 64) this.line += piece.slice(0, 64)
      this.lineLength += piece.trim().length
      this.scanned += piece.length
      if (end < 0) return
      this.scanned++
      this.endLine()
      from = end + 1
    }
  }

  /** The first `units` of the waiting text are gone. */
  cut(units: number): void {
    this.scanned -= units
    this.boundary = Math.max(0, this.boundary - units)
  }

  private endLine(): void {
    const mark = /^ {0,3}(```|~~~)/.exec(this.line)?.[1]?.[0] as "`" | "~" | undefined
    if (this.fence !== null) {
      if (mark === this.fence) {
        this.fence = null
        this.boundary = this.scanned
      }
    } else if (mark !== undefined) this.fence = mark
    else if (this.lineLength === 0 && this.scanned > 1) this.boundary = this.scanned
    this.line = ""
    this.lineLength = 0
  }
}
